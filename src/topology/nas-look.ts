import type { ExportLine } from '../commands/exports.ts';
import * as exports from '../commands/exports.ts';
import type { Share } from '../commands/middleware.ts';
import * as middleware from '../commands/middleware.ts';
import type { Flavour, ServerLogLine } from '../commands/nas.ts';
import * as nas from '../commands/nas.ts';
import type { ExportEntry } from '../commands/nfs-client.ts';
import type { Process } from '../commands/node-system.ts';
import * as system from '../commands/node-system.ts';
import type { Dataset, Pool } from '../commands/zfs.ts';
import * as zfs from '../commands/zfs.ts';
import type { Host } from '../core/command.ts';
import type { Reader, Seen } from '../core/reading.ts';

/** What the NAS says of itself, its NFS server and its exports. */
export interface NasLook {
  readonly flavour?: Flavour;
  readonly kernel: Seen<'FreeBSD' | 'Linux'>;
  readonly middleware: Seen<boolean>;
  /** Everything below is absent while the flavour is unknown. */
  readonly nfsd?: Seen<boolean>;
  readonly mountd?: Seen<boolean>;
  readonly file?: Seen<readonly ExportLine[]>;
  /** Linux only. */
  readonly dropIns?: Seen<readonly ExportLine[]>;
  readonly active?: Seen<readonly ExportEntry[]>;
  readonly log?: Seen<readonly ServerLogLine[]>;
  readonly datasets?: Seen<readonly Dataset[]>;
  readonly pools?: Seen<readonly Pool[]>;
  readonly processes?: Seen<readonly Process[]>;
  /** Only where there is a middleware. */
  readonly shares?: Seen<readonly Share[]>;
}

export async function lookAtNas(host: Host, read: Reader): Promise<NasLook> {
  const [kernel, hasMiddleware] = await Promise.all([read(nas.kernelOf(host)), read(nas.hasMiddleware(host))]);
  const flavour = flavourOf(kernel, hasMiddleware);
  if (flavour === undefined) return { kernel, middleware: hasMiddleware };
  const linux = flavour !== 'core';
  const managed = hasMiddleware.known && hasMiddleware.value;
  const [nfsd, mountd, file, dropIns, active, log, datasets, pools, processes, shares] = await Promise.all([
    read(nas.serviceRuns(host, flavour, 'nfsd')),
    read(nas.serviceRuns(host, flavour, 'mountd')),
    read(exports.exportsFile(host)),
    linux ? read(exports.exportsDirectory(host)) : undefined,
    read(exports.activeExports(host, flavour)),
    read(nas.serverLog(host, flavour)),
    read(zfs.datasets(host, flavour)),
    read(zfs.pools(host, flavour)),
    read(linux ? system.processesOf(host) : system.threadsOf(host)),
    managed ? read(middleware.shares(host)) : undefined,
  ]);
  return {
    flavour,
    kernel,
    middleware: hasMiddleware,
    nfsd,
    mountd,
    file,
    active,
    log,
    datasets,
    pools,
    processes,
    ...(dropIns && { dropIns }),
    ...(shares && { shares }),
  };
}

export function flavourOf(kernel: Seen<'FreeBSD' | 'Linux'>, hasMiddleware: Seen<boolean>): Flavour | undefined {
  if (!kernel.known) return undefined;
  if (kernel.value === 'FreeBSD') return 'core';
  if (!hasMiddleware.known) return undefined;
  return hasMiddleware.value ? 'scale' : 'debian';
}
