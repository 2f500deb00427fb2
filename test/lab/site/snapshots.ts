import type { Dataset, Disk, Stored } from './disk.ts';

/** What a dataset held at one moment. */
export interface Snapshot {
  readonly dataset: string;
  /** What follows the "@". */
  short: string;
  readonly guid: string;
  /** Grows with each that is made: two may have the same time. */
  readonly order: number;
  readonly createdMs: number;
  readonly content: readonly Stored[];
  /** What was written between the one before and this one. */
  writtenBytes: number;
  usedBytes: number;
  readonly holds: Set<string>;
}

export function fullName({ dataset, short }: Snapshot): string {
  return `${dataset}@${short}`;
}

/** Oldest first. */
export function snapshotsOf({ snapshots }: Disk, dataset: string): Snapshot[] {
  return snapshots.filter((each) => each.dataset === dataset).toSorted((a, b) => a.order - b.order);
}

export function snapshotNamed({ snapshots }: Disk, name: string): Snapshot | undefined {
  return snapshots.find((each) => fullName(each) === name);
}

export function clonesOf({ datasets }: Disk, snapshot: Snapshot): Dataset[] {
  return datasets.filter(({ origin }) => origin === fullName(snapshot));
}

/** Keeps what the dataset holds now; nothing is then written since. */
export function keepSnapshot(
  disk: Disk,
  dataset: Dataset,
  { short, createdMs }: Pick<Snapshot, 'short' | 'createdMs'>,
): Snapshot {
  const order = 1 + Math.max(0, ...disk.snapshots.map((each) => each.order));
  const kept: Snapshot = {
    dataset: dataset.name,
    short,
    guid: String(4_611_686_018_427_387_904n + BigInt(order) * 7_919_000_003n),
    order,
    createdMs,
    content: disk.content(dataset),
    writtenBytes: dataset.writtenBytes ?? 0,
    usedBytes: 0,
    holds: new Set(),
  };
  dataset.writtenBytes = 0;
  disk.snapshots.push(kept);
  return kept;
}

/** What was written before it counts for the next one, or for the dataset. */
export function dropSnapshot(disk: Disk, snapshot: Snapshot): void {
  const next = snapshotsOf(disk, snapshot.dataset).find(({ order }) => order > snapshot.order);
  const dataset = disk.datasets.find(({ name }) => name === snapshot.dataset);
  if (next !== undefined) next.writtenBytes += snapshot.writtenBytes;
  else if (dataset !== undefined) dataset.writtenBytes = (dataset.writtenBytes ?? 0) + snapshot.writtenBytes;
  disk.snapshots.splice(disk.snapshots.indexOf(snapshot), 1);
}

const DAY_MS = 86_400_000;
const GIB = 2 ** 30;

/** What the site's own jobs keep: daily for three weeks, twice a day for a day, and the last state that went offsite. */
export function keepUsualSnapshots(disk: Disk, nowMs: number): void {
  const todayMs = nowMs - (nowMs % DAY_MS);
  const days = Array.from({ length: 21 }, (_, index) => todayMs - (20 - index) * DAY_MS);
  for (const dataset of disk.datasets) {
    const keep = (kind: string, createdMs: number, writtenBytes: number) => {
      dataset.writtenBytes = writtenBytes;
      keepSnapshot(disk, dataset, { short: kind, createdMs }).usedBytes = writtenBytes / 8;
    };
    for (const dayMs of days.slice(0, -1)) keep(`auto-${stamp(dayMs)}`, dayMs, 2 * GIB);
    keep(`auto-12h-${stamp(todayMs - DAY_MS / 2)}`, todayMs - DAY_MS / 2, GIB);
    keep(`auto-${stamp(todayMs)}`, todayMs, GIB);
    keep(`auto-12h-${stamp(todayMs)}`, todayMs, 0);
    if (dataset.name === 'main') keep('cloudsync-prev', todayMs + DAY_MS / 4, 3 * GIB);
    if (dataset.name === 'main') dataset.writtenBytes = 5 * GIB;
  }
}

/** `2026-04-03_00-00` */
export function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', '_').replace(':', '-');
}
