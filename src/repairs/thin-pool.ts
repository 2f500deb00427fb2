import type { LogicalVolume, VolumeGroup } from '../commands/logical-volumes.ts';
import { logicalVolumes, volumeGroups } from '../commands/logical-volumes.ts';
import type { ThinPool } from '../commands/thin-pool.ts';
import { thinPools } from '../commands/thin-pool.ts';
import { extendData, extendMetadata } from '../commands/thin-pool-repairs.ts';
import type { Host } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import { changes } from '../core/hold.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import { stateOf } from './thin-pool-state.ts';

export interface PoolSituation {
  readonly host: Host;
  readonly pool: ThinPool;
  readonly because: Finding;
}

const GIB = 2 ** 30;
/** As LVM has it: a pool's metadata never gets larger (15.81 GiB). */
const LARGEST_METADATA_BYTES = 15.81 * GIB;
/** What gives up something is not done for a pool that has room again. */
export function stillShort(host: Host, { name }: ThinPool): Check {
  return check(`Thin pool ${name} still is at least 75 % full of data or metadata, and not read-only`, thinPools(host), (all) =>
    all.some(
      (each) =>
        each.name === name && 'D-'.includes(each.attributes[8] ?? '') && Math.max(each.dataPercent, each.metadataPercent) >= 75,
    ),
  );
}

/** What is left in the group for another extension of the metadata and of its spare. */
const RESERVED_BYTES = 2 * GIB;
/** As the fill of a pool after its data space was extended. */
const AIM_PERCENT = 79;

interface Stock {
  readonly volumes: readonly LogicalVolume[];
  readonly group: VolumeGroup;
}

/** Whole, and to be written to: with a disk missing, LVM would refuse, or use what is left of it. */
function isWhole({ attributes }: VolumeGroup): boolean {
  return attributes.startsWith('wz-') && attributes[3] === '-';
}

/** The metadata of a pool, as LVM keeps it. */
export function metadataVolume(pool: ThinPool, volumes: readonly LogicalVolume[]): LogicalVolume | undefined {
  return volumes.find(({ vg, name }) => `${vg}/${name}` === `${pool.name}_tmeta`);
}

/** Room for a gibibyte of it and as much for the spare, and not more than LVM allows. */
export function canExtendMetadata(pool: ThinPool, { volumes, group }: Stock): boolean {
  const size = metadataVolume(pool, volumes)?.sizeBytes;
  return size !== undefined && size + GIB <= LARGEST_METADATA_BYTES && isWhole(group) && group.freeBytes >= RESERVED_BYTES;
}

export function extendMetadataStep({ host, pool, because }: PoolSituation, metadata: LogicalVolume): Step {
  const { vg, name, sizeBytes } = metadata;
  return {
    title: `Extend the metadata of thin pool ${pool.name} by 1 GiB`,
    because,
    before: [
      check(`${vg}/${name} is as large as it was`, logicalVolumes(host, vg), (all) =>
        all.some((each) => each.name === name && each.sizeBytes === sizeBytes),
      ),
      check(`${vg} is whole and has 2 GiB free: for the metadata and for LVM's spare of it`, volumeGroups(host), (all) =>
        all.some((each) => each.name === vg && isWhole(each) && each.freeBytes >= RESERVED_BYTES),
      ),
    ],
    change: extendMetadata(host, pool.name),
    after: verify(`The metadata of ${pool.name} is 1 GiB larger`, logicalVolumes(host, vg), (all) =>
      all.some((each) => each.name === name && each.sizeBytes >= sizeBytes + GIB),
    ),
    undo: noUndo('The metadata of a thin pool cannot be made smaller. It costs 2 GiB of the volume group.'),
    holds: [changes('lv', pool.name)],
    warnings: [
      `A pool that was read-only stays so until its metadata has been checked while it is not active; machines that write to it should stand still.`,
    ],
  };
}

/** How much larger the data space of a pool must be so that its machines can go on, where its group has that. */
export function dataExtension(pool: ThinPool, { volumes, group }: Stock): { data: LogicalVolume; gibibytes: number } | undefined {
  const data = volumes.find(({ vg, name }) => `${vg}/${name}` === pool.name);
  if (data === undefined || !isWhole(group)) return undefined;
  const gibibytes = Math.ceil((data.sizeBytes * (pool.dataPercent / AIM_PERCENT - 1)) / GIB);
  return gibibytes >= 1 && group.freeBytes >= gibibytes * GIB + RESERVED_BYTES ? { data, gibibytes } : undefined;
}

export function extendDataStep(
  { host, pool, because }: PoolSituation,
  { data, gibibytes }: NonNullable<ReturnType<typeof dataExtension>>,
): Step {
  const { vg, name, sizeBytes } = data;
  return {
    title: `Extend the data space of thin pool ${pool.name} by ${gibibytes} GiB`,
    because,
    before: [
      check(`${vg}/${name} is as large as it was`, logicalVolumes(host, vg), (all) =>
        all.some((each) => each.name === name && each.sizeBytes === sizeBytes),
      ),
      check(`${vg} is whole and has ${gibibytes + 2} GiB free: 2 GiB stay for metadata`, volumeGroups(host), (all) =>
        all.some((each) => each.name === vg && isWhole(each) && each.freeBytes >= gibibytes * GIB + RESERVED_BYTES),
      ),
      stillShortOfData(host, pool),
    ],
    change: extendData(host, pool.name, gibibytes),
    after: verify(`The data space of ${pool.name} is ${gibibytes} GiB larger`, logicalVolumes(host, vg), (all) =>
      all.some((each) => each.name === name && each.sizeBytes >= sizeBytes + gibibytes * GIB),
    ),
    undo: noUndo('The data space of a thin pool cannot be made smaller.'),
    holds: [changes('lv', pool.name)],
    warnings: [
      `What writes goes on writing: the pool is at about ${AIM_PERCENT} % after this, and the group has that much less.`,
    ],
  };
}

function stillShortOfData(host: Host, { name }: ThinPool): Check {
  return check(
    `Thin pool ${name} still is at least 90 % full of data or out of it, and its metadata is sound and less than 75 % full`,
    thinPools(host),
    (all) =>
      all.some((pool) => {
        const { data, metadata, failed } = stateOf(pool);
        return pool.name === name && !failed && metadata === 'ok' && (data === 'critical' || data === 'full');
      }),
  );
}
