import type { LogicalVolume } from '../commands/logical-volumes.ts';
import { logicalVolumes } from '../commands/logical-volumes.ts';
import { removeSnapshot, snapshotInName } from '../commands/thin-pool-repairs.ts';
import { changes, uses } from '../core/hold.ts';
import type { Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import type { PoolSituation } from './thin-pool.ts';
import { stillShort } from './thin-pool.ts';

export interface Keeping {
  readonly nowS: number;
  readonly keptDays: number;
}

export interface Expired {
  readonly snapshot: LogicalVolume;
  /** The newest one of the same volume, which has not expired: without it the clock, or the job that takes snapshots, may be wrong. */
  readonly kept: LogicalVolume;
}

const DAY_S = 86_400;

/** Snapshots that can go, the oldest first. */
export function expiredSnapshots(volumes: readonly LogicalVolume[], { nowS, keptDays }: Keeping): readonly Expired[] {
  const limitS = nowS - keptDays * DAY_S;
  return volumes
    .filter((volume) => madeAt(volume) < limitS && isRemovable(volume, volumes))
    .toSorted((a, b) => madeAt(a) - madeAt(b) || (a.name < b.name ? -1 : 1))
    .flatMap((snapshot) => {
      const kept = newestOf(snapshot, volumes);
      return kept !== undefined && madeAt(kept) >= limitS ? [{ snapshot, kept }] : [];
    });
}

function madeAt({ createdAt = Number.POSITIVE_INFINITY }: LogicalVolume): number {
  return createdAt;
}

function newestOf({ origin }: LogicalVolume, volumes: readonly LogicalVolume[]): LogicalVolume | undefined {
  return volumes
    .filter((each) => each.origin === origin && each.createdAt !== undefined && isNightly(each))
    .toSorted((a, b) => madeAt(a) - madeAt(b))
    .at(-1);
}

/** Its name may be in the time of any zone, and its job may have taken a while. */
const NAME_TOLERANCE_S = 15 * 3_600;

/** A thin volume whose name, origin and time agree that the snapshot job made it; one that is being merged is of another type. */
function isNightly({ name, origin, attributes, createdAt }: LogicalVolume): boolean {
  const named = snapshotInName(name);
  if (named === undefined || createdAt === undefined) return false;
  return attributes.startsWith('V') && named.origin === origin && Math.abs(named.atS - createdAt) <= NAME_TOLERANCE_S;
}

/** Nobody has it open, has marked it or made a volume from it; and its own volume is in use, so that nobody is about to restore it. */
function isRemovable(volume: LogicalVolume, volumes: readonly LogicalVolume[]): boolean {
  const { vg, name, origin, isOpen, tags } = volume;
  const own = volumes.find((each) => each.vg === vg && each.name === origin);
  const isSource = volumes.some((each) => each.vg === vg && each.origin === name);
  return isNightly(volume) && !isOpen && tags.length === 0 && !isSource && own?.isOpen === true;
}

/** Gives back what only this snapshot holds. */
export function dropSnapshot({ host, pool, because }: PoolSituation, { snapshot, kept }: Expired): Step {
  const { vg, name, uuid, origin = '' } = snapshot;
  const id = `${vg}/${name}`;
  return {
    title: `Remove the expired snapshot ${id}`,
    because,
    before: [
      check(
        `${id} is the snapshot that it was, closed, unmarked and the source of nothing; ${origin} is in use, and ${kept.name} is there`,
        logicalVolumes(host, vg),
        (all) =>
          all.some((each) => each.uuid === uuid && each.name === name && isRemovable(each, all)) &&
          all.some((each) => each.uuid === kept.uuid && each.origin === origin && isNightly(each)),
      ),
      stillShort(host, pool),
    ],
    change: removeSnapshot(host, snapshot),
    after: verify(
      `${id} is gone, and ${origin} is there`,
      logicalVolumes(host, vg),
      (all) => all.every((each) => each.name !== name) && all.some((each) => each.name === origin),
    ),
    undo: noUndo('A snapshot that was removed cannot be made again: it held a state that is past.'),
    holds: [changes('lv', id), uses('lv', `${vg}/${kept.name}`), uses('lv', `${vg}/${origin}`), uses('lv', pool.name)],
    warnings: [
      `Nothing can be restored from ${name} any more; ${kept.name} and the others of ${origin} that have not expired stay.`,
    ],
  };
}
