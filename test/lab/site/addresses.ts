export const NAS_ADDRESS = '10.0.10.15';

/** Another NAS, of which the lab only knows what it exports. */
export const OTHER_NAS = { address: '192.168.1.13', path: '/volume1/music' } as const;

/** A workstation in the network of the NAS. */
export const NEIGHBOUR = { address: '10.0.10.10', port: 22 } as const;
