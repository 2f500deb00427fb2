import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import type { Known } from '../../src/core/reading.ts';
import { isIn, logicalNameOf, stateOf } from '../../src/repairs/thin-pool-state.ts';
import type { Facts } from './facts.ts';

/** The thin pool under a claim, and what is left of it should the claim be written full. */
export interface Room {
  readonly pool: ThinPool;
  readonly logical: LogicalVolume;
  readonly fullPercent: number;
  readonly seen: readonly [Known<readonly ThinPool[]>, Known<readonly LogicalVolume[]>];
}

/** Undefined where the pool under the claim is not known. */
export function roomOf({ below, volume, wantedBytes }: Facts): Room | undefined {
  const handle = volume?.csi?.volumeHandle;
  if (below === undefined || handle === undefined || !below.pools.known) return undefined;
  const { pools } = below;
  for (const { seen } of below.volumes) {
    const logical = seen.known ? seen.value.find(({ name }) => name === logicalNameOf(handle)) : undefined;
    const pool = logical && pools.value.find((each) => isIn(each, logical));
    const size = seen.known && pool ? seen.value.find(({ vg, name }) => `${vg}/${name}` === pool.name)?.sizeBytes : undefined;
    if (!seen.known || logical === undefined || pool === undefined || size === undefined) continue;
    const more = Math.max(0, wantedBytes - (logical.sizeBytes * (logical.dataPercent ?? 0)) / 100);
    return { pool, logical, fullPercent: pool.dataPercent + (more / size) * 100, seen: [pools, seen] };
  }
  return undefined;
}

/** Also when the claim is written full, machines must be able to go on. */
export const MOST_PERCENT = 90;

export function isEnough({ pool, fullPercent }: Pick<Room, 'pool' | 'fullPercent'>): boolean {
  const { data, metadata, failed } = stateOf(pool);
  return !failed && data === 'ok' && metadata === 'ok' && fullPercent < MOST_PERCENT;
}
