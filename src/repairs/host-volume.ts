import type { BlockMount, FileSystemUse } from '../commands/block-devices.ts';
import { blockMounts, fileSystemUse } from '../commands/block-devices.ts';
import type { LogicalVolume } from '../commands/logical-volumes.ts';
import { logicalVolumes } from '../commands/logical-volumes.ts';
import type { ThinPool } from '../commands/thin-pool.ts';
import { thinPools } from '../commands/thin-pool.ts';
import { growVolume } from '../commands/thin-pool-repairs.ts';
import type { Host } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import { changes, uses } from '../core/hold.ts';
import type { Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import { stateOf } from './thin-pool-state.ts';

/** From here on a file system of the hypervisor is told as full. */
export const HOST_FILES_PERCENT = 85;
/** How full it is to be once it is larger. */
const AIM_PERCENT = 79;
/** What its pool may hold at most if the volume were written full. */
const POOL_PERCENT = 90;
const GIB = 2 ** 30;

/** What is kept back for root counts as used. */
export function usedPercent({ availableBytes, sizeBytes }: Pick<FileSystemUse, 'availableBytes' | 'sizeBytes'>): number {
  return (1 - availableBytes / sizeBytes) * 100;
}

/** A thin volume that the hypervisor itself has mounted. */
export interface HostVolume {
  readonly use: FileSystemUse;
  readonly volume: LogicalVolume;
  readonly pool: ThinPool;
  /** The volume that holds the data of the pool. */
  readonly poolBytes: number;
}

interface Stock {
  readonly mounts: readonly BlockMount[];
  readonly volumes: readonly LogicalVolume[];
  readonly pools: readonly ThinPool[];
}

/** Undefined for what is not mounted as a whole from exactly one thin volume. */
export function hostVolume(use: FileSystemUse, { mounts, volumes, pools }: Stock): HostVolume | undefined {
  const mount = mounts.findLast(({ mountPoint }) => mountPoint === use.mountPoint);
  const volume = volumes.find((each) => mount?.root === '/' && mount.source === deviceOf(each));
  const pool = pools.find(({ name }) => volume?.pool !== undefined && name === `${volume.vg}/${volume.pool}`);
  const poolBytes = volumes.find(({ vg, name }) => `${vg}/${name}` === pool?.name)?.sizeBytes;
  if (volume === undefined || pool === undefined || poolBytes === undefined) return undefined;
  return { use, volume, pool, poolBytes };
}

/** As the device mapper names it: a dash within a name is doubled. */
function deviceOf({ vg, name }: LogicalVolume): string {
  return `/dev/mapper/${vg.replaceAll('-', '--')}-${name.replaceAll('-', '--')}`;
}

/** By how many gibibytes it must grow; undefined where the pool might then fill up, or is not sound. */
export function growth({ use, volume, pool, poolBytes }: HostVolume): number | undefined {
  const gibibytes = Math.ceil((use.usedBytes / (AIM_PERCENT / 100) - use.sizeBytes) / GIB);
  return gibibytes >= 1 && canHold(pool, { poolBytes, moreBytes: stillToTake(volume, gibibytes) }) ? gibibytes : undefined;
}

/** What the volume may take of its pool besides what it takes already. */
function stillToTake({ sizeBytes, dataPercent = 0 }: LogicalVolume, gibibytes: number): number {
  return gibibytes * GIB + sizeBytes * (1 - dataPercent / 100);
}

function canHold(pool: ThinPool, { poolBytes, moreBytes }: { readonly poolBytes: number; readonly moreBytes: number }): boolean {
  const { failed, data, metadata } = stateOf(pool);
  const after = pool.dataPercent + (moreBytes / poolBytes) * 100;
  return !failed && data !== 'full' && metadata === 'ok' && after < POOL_PERCENT;
}

interface Situation {
  readonly host: Host;
  readonly because: Finding;
}

export function growHostVolume({ host, because }: Situation, found: HostVolume, gibibytes: number): Step {
  const { use, volume, pool, poolBytes } = found;
  const { vg, name, sizeBytes } = volume;
  const full = `${vg}/${name}`;
  return {
    title: `Make ${use.mountPoint} of ${host.name} ${gibibytes} GiB larger`,
    because,
    before: [
      check(`${full} is as large as it was`, logicalVolumes(host, vg), (all) =>
        all.some((each) => each.name === name && each.sizeBytes === sizeBytes),
      ),
      check(`${use.mountPoint} is mounted from ${full}`, blockMounts(host), (all) =>
        all.some((each) => each.mountPoint === use.mountPoint && each.source === deviceOf(volume) && !each.fileSystemReadOnly),
      ),
      check(`${use.mountPoint} still is ${HOST_FILES_PERCENT} % full`, fileSystemUse(host), (all) =>
        all.some((each) => each.mountPoint === use.mountPoint && usedPercent(each) >= HOST_FILES_PERCENT),
      ),
      check(`Thin pool ${pool.name} stays below ${POOL_PERCENT} % if the volume is written full`, thinPools(host), (all) =>
        all.some((each) => each.name === pool.name && canHold(each, { poolBytes, moreBytes: stillToTake(volume, gibibytes) })),
      ),
    ],
    change: growVolume(host, { vg, name }, gibibytes),
    after: {
      ...verify(`${use.mountPoint} is ${gibibytes} GiB larger`, fileSystemUse(host), (all) =>
        all.some((each) => each.mountPoint === use.mountPoint && each.sizeBytes >= use.sizeBytes + gibibytes * GIB * 0.9),
      ),
      withinMs: 120_000,
    },
    undo: noUndo('A file system cannot be made smaller while it is mounted.'),
    holds: [changes('lv', full), uses('lv', pool.name)],
    warnings: [`Thin pool ${pool.name} is shared with all machines: what is written to ${use.mountPoint} they no longer have.`],
  };
}
