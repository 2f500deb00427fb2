import type { Host } from './command.ts';

/** Errors of a ZFS pool that are known and accepted. */
export interface ZfsBaseline {
  /** The entries of the list of `zpool status -v`, or at least how many they are. */
  readonly errors: readonly string[] | number;
  /** Checksum errors that each device had then. */
  readonly checksums: Readonly<Record<string, number>>;
}

/** What a runbook must know of the site and cannot ask it: plain data, made from the configuration. */
export interface Site {
  readonly nas: {
    readonly host: Host;
    /** The addresses and names by which volumes name this server; the first is the one to probe. */
    readonly nfsAddresses: readonly [string, ...string[]];
    /** Where exported directories live: `/mnt/main`, `/mnt/ssd`. */
    readonly roots: readonly [string, ...string[]];
    /** The network that exports are made for, in CIDR form. */
    readonly clientNetwork: string;
    /** The script that regenerates the exports on a NAS without middleware or `exports.d`, if the site has one. */
    readonly exportsScript?: string;
    /** By the name of the pool. */
    readonly zfsBaseline?: Readonly<Record<string, ZfsBaseline>>;
    /** What its volumes are to be mounted with; `DEFAULT_MOUNT_OPTIONS` where the site says nothing. */
    readonly mountOptions?: readonly string[];
  };
  /** The host that runs the NAS and the nodes as virtual machines. */
  readonly hypervisor?: {
    readonly host: Host;
    readonly nasVmid?: number;
    /** Virtual machine of each node by node name. */
    readonly nodeVmids: Readonly<Record<string, number>>;
    /** The block device under the NAS, as iostat names it: `sdc`. */
    readonly dataDisk?: string;
  };
  /** Another machine in the NAS's network, to tell a silent NAS from a broken path to it. */
  readonly nasNeighbour?: { readonly address: string; readonly port: number };
  /** True where we log in to the Kubernetes nodes as somebody else than root. */
  readonly nodeSudo: boolean;
  /** The NFSv4 domain that nodes use for names of owners. */
  readonly nfsDomain?: string;
}

export function nodeHost(site: Site, node: string): Host {
  return { name: node, sudo: site.nodeSudo };
}
