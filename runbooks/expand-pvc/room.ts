import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import type { Known } from '../../src/core/reading.ts';
import { isIn, logicalNameOf, promisedBytes, stateOf } from '../../src/repairs/thin-pool-state.ts';
import type { Facts } from './facts.ts';

/** The thin pool under a claim, and how full it would be. */
export interface Room {
  readonly pool: ThinPool;
  readonly logical: LogicalVolume;
  /** Should the claim be written full, and nothing else. */
  readonly fullPercent: number;
  /** Should all its volumes be written full, each as large as its claim asks for. */
  readonly promisedPercent: number;
  readonly seen: readonly [Known<readonly ThinPool[]>, Known<readonly LogicalVolume[]>];
}

/** Undefined where the pool under the claim is not known. */
export function roomOf(facts: Facts): Room | undefined {
  const { below, volume, wantedBytes } = facts;
  const handle = volume?.csi?.volumeHandle;
  if (below === undefined || handle === undefined || !below.pools.known) return undefined;
  const { pools } = below;
  for (const { seen } of below.volumes) {
    const logical = seen.known ? seen.value.find(({ name }) => name === logicalNameOf(handle)) : undefined;
    const pool = logical && pools.value.find((each) => isIn(each, logical));
    const size = seen.known && pool ? seen.value.find(({ vg, name }) => `${vg}/${name}` === pool.name)?.sizeBytes : undefined;
    if (!seen.known || logical === undefined || pool === undefined || size === undefined) continue;
    const more = Math.max(0, wantedBytes - (logical.sizeBytes * (logical.dataPercent ?? 0)) / 100);
    const asked = askedFor(facts).set(logical.name, wantedBytes);
    return {
      pool,
      logical,
      fullPercent: pool.dataPercent + (more / size) * 100,
      promisedPercent: (promisedBytes(pool, { volumes: seen.value, asked }) / size) * 100,
      seen: [pools, seen],
    };
  }
  return undefined;
}

/** What claims ask for, by the names of their volumes in LVM; some may not have it yet. */
function askedFor({ claims, volumes }: Facts): Map<string, number> {
  const all = claims.known && volumes.known ? claims.value : [];
  return new Map(
    all.flatMap(({ volume, requestedBytes }) => {
      const csi = volumes.known ? volumes.value.find(({ name }) => name === volume)?.csi : undefined;
      return csi === undefined ? [] : [[logicalNameOf(csi.volumeHandle), requestedBytes] as const];
    }),
  );
}

/** Also when the claim is written full, machines must be able to go on. */
export const MOST_PERCENT = 90;

export function isEnough({ pool, fullPercent }: Pick<Room, 'pool' | 'fullPercent'>): boolean {
  const { data, metadata, failed } = stateOf(pool);
  return !failed && data === 'ok' && metadata === 'ok' && fullPercent < MOST_PERCENT;
}
