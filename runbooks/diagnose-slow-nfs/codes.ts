/** Every cause that this runbook can name. */
export const CODES = {
  'job-floods': 'The disk under the NAS is fully busy, mostly with one Job.',
  'workload-floods': 'The disk under the NAS is fully busy, mostly with one workload that is no Job.',
  'machine-floods': 'The disk under the NAS is fully busy, mostly with a virtual machine beside it.',
  'dataset-hot': 'The disk under the NAS is fully busy with one dataset, and another pool has room for it.',
  'disk-saturated': 'The disk under the NAS is fully busy, and no single cause of that could be seen.',
  'server-drowning': 'The threads of the NFS server wait for the disk, and the whole hypervisor with them.',
  'scrub-running': 'A scrub reads the whole pool, and NFS waits for it.',
  'resilver-running': 'A pool is being rebuilt, and NFS waits for it.',
  'pool-nearly-full': 'The pool is at least 90 % full: ZFS searches long for free space.',
  'pool-fragmented': 'The free space of the pool is in small pieces: writing is slow.',
  'cache-swept': 'ZFS reads what nobody read for long, as backups do: its cache helps little now, and otherwise a lot.',
  'working-set-too-large': 'More is read again and again than fits into the cache of ZFS.',
  'threads-busy': 'All threads of the NFS server are at work, and not because of the disk.',
  'client-queueing': 'Calls wait on the node before they are sent; the server answers quickly.',
  'network-loss': 'Calls get lost between clients and server and are sent again.',
  'node-slow': 'The server answers one node slowly, and others quickly.',
  'machine-stalled': 'A virtual machine is called running and writes nothing at all, while the disk is idle.',
  'foreign-mount': "The kernel waits for an NFS server that is not this site's.",
} as const;

export type Code = keyof typeof CODES;
