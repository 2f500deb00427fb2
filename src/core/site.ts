import type { Host } from './command.ts';
import type { BackupJob, DatabaseSites } from './databases.ts';

/** Errors of a ZFS pool that are known and accepted. */
export interface ZfsBaseline {
  /** The entries of the list of `zpool status -v`, or at least how many they are. */
  readonly errors: readonly string[] | number;
  /** Checksum errors that each device had then. */
  readonly checksums: Readonly<Record<string, number>>;
}

/** The API of Proxmox VE. */
export interface HypervisorApi {
  /** The hypervisor's name in paths of the API: `pve`. */
  readonly node: string;
  /** The token that the bot changes things with, which is what tasks of its own are known by: `storagebot@pve!change`. */
  readonly changesAs?: string;
}

/** A checkout of the site's infrastructure on a host that may plan and apply it. */
export interface Terraform {
  readonly host: Host;
  /** The checkout: `/srv/infra`. */
  readonly directory: string;
  /** Where saved plans are kept, which hold secrets: a directory that nobody else can read. */
  readonly plans: string;
  /** Of each driver the stack that owns its values, below the checkout: `stacks/nfs-csi`. */
  readonly stacks: Readonly<Record<string, string>>;
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
    /** Absent where the site gives the bot no access to it. */
    readonly api?: HypervisorApi;
    /** Where copies of the files of block volumes lie, by week, namespace and claim: `/mnt/backup/pvc-data`. */
    readonly pvcCopies?: string;
  };
  /** Another machine in the NAS's network, to tell a silent NAS from a broken path to it. */
  readonly nasNeighbour?: { readonly address: string; readonly port: number };
  /** True where we log in to the Kubernetes nodes as somebody else than root. */
  readonly nodeSudo: boolean;
  /** Namespaces of CSI drivers by the drivers' names, where they are not those of their charts. */
  readonly csiNamespaces?: Readonly<Record<string, string>>;
  /** Where the values of the CSI drivers' charts are kept and applied. */
  readonly terraform?: Terraform;
  /** The NFSv4 domain that nodes use for names of owners. */
  readonly nfsDomain?: string;
  readonly capacity?: {
    /** `namespace/claim` of volumes that are full and may be. */
    readonly knownFull: readonly string[];
    /** Snapshots of logical volumes that are older have expired. */
    readonly snapshotsKeptDays: number;
  };
  readonly databases?: DatabaseSites;
  /** The jobs that make backups, by the words that people use for them. */
  readonly backups?: Readonly<Record<string, BackupJob>>;
  /** The image of Jobs that copy and check files: it has sh, sqlite3, rsync, and GNU's find, cp and sha256sum. */
  readonly toolsImage?: string;
  /** The alert that always fires: its absence is the sign that alerting is broken. */
  readonly watchdogAlert?: string;
}

export function nodeHost(site: Site, node: string): Host {
  return { name: node, sudo: site.nodeSudo };
}
