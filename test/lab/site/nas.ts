import type { Flavour } from '../../../src/commands/nas.ts';
import type { ZfsBaseline } from '../../../src/core/site.ts';
import { NAS_ADDRESS } from './addresses.ts';
import { Disk } from './disk.ts';
import { type IscsiServer, newIscsiServer } from './iscsi.ts';
import type { LabPool } from './pools.ts';
import { shortIso, syslogTime } from './time.ts';

export interface ActiveExport {
  readonly path: string;
  readonly network: string;
  /** As the server's own file writes them. */
  readonly options: readonly string[];
}

/** A share as the middleware keeps it, whatever its form outside. */
export interface LabShare {
  readonly id: number;
  paths: string[];
  networks: string[];
  readonly hosts?: readonly string[];
  enabled: boolean;
  readonly ro?: boolean;
}

/** What the middleware lets be set of the NFS service. */
export interface NfsSettings {
  v4: boolean;
  v4_v3owner: boolean;
  v4_domain: string;
}

/** The NFS server. Whether it is on is the hypervisor's to say. */
export interface Nas {
  readonly name: string;
  readonly address: string;
  readonly flavour: Flavour;
  middleware: boolean;
  readonly services: { nfsd: boolean; mountd: boolean };
  /** CORE: rc.conf enables the NFS server. False: it runs because the middleware started it with `onestart`. */
  enabledInRc: boolean;
  readonly files: Map<string, string>;
  readonly disk: Disk;
  active: ActiveExport[];
  shares: LabShare[];
  /** What clients that are no nodes of the cluster once told mountd. */
  readonly otherMounts: { readonly client: string; readonly path: string }[];
  readonly settings: NfsSettings;
  readonly pools: LabPool[];
  readonly iscsi: IscsiServer;
  /** What the site's configuration says of errors that are known. */
  zfsBaseline?: Readonly<Record<string, ZfsBaseline>>;
  readonly log: string[];
  /** Files that were written at a time that matters; others are older. */
  readonly written: { readonly path: string; readonly atMs: number }[];
  readonly threads: { total: number; stuck: number };
  /** False: sshd does not know our keys. */
  acceptsKeys: boolean;
}

export const CLIENT_NETWORK = '10.0.20.0/24';
export const EXPORTS_SCRIPT = '/root/secrets/nfs_exports.sh';

export function newNas(flavour: Flavour): Nas {
  return {
    name: 'truenas',
    address: NAS_ADDRESS,
    flavour,
    middleware: flavour !== 'debian',
    services: { nfsd: true, mountd: true },
    enabledInRc: true,
    files: new Map(),
    disk: new Disk(),
    active: [],
    shares: [],
    otherMounts: [],
    settings: { v4: flavour !== 'core', v4_v3owner: false, v4_domain: 'lab.lan' },
    pools: [
      { name: 'main', usedPercent: 61, health: 'ONLINE' },
      { name: 'ssd', usedPercent: 38, health: 'ONLINE' },
    ],
    iscsi: newIscsiServer(),
    log: [],
    written: [],
    threads: { total: 64, stuck: 0 },
    acceptsKeys: true,
  };
}

/** Writes a line into the log of mountd or nfsd. */
export function logOn(nas: Nas, nowMs: number, { program, text }: { readonly program: string; readonly text: string }): void {
  const pid = program === 'mountd' || program === 'rpc.mountd' ? 1422 : 2174;
  const when = nas.flavour === 'core' ? syslogTime(nowMs) : shortIso(nowMs);
  nas.log.push(`${when} ${nas.name} ${program}[${pid}]: ${text}`);
}
