import type { Count, PoolStatus, Vdev } from '../../src/commands/zfs-status.ts';
import type { ZfsBaseline } from '../../src/core/site.ts';

/** The listed errors of a pool, held against those that are known. */
export interface Compared {
  /** How many the pool lists. */
  readonly count: number;
  /** Those that are not known. */
  readonly fresh: readonly string[];
  /** How many more there are than known; also where the configuration only has their number. */
  readonly more: number;
  /** Known ones that the pool lists no more. */
  readonly gone: readonly string[];
}

/** Absent where the pool cannot say what its errors are. */
export function compare({ errors }: PoolStatus, known: ZfsBaseline | undefined): Compared | undefined {
  if (errors.is === 'unavailable') return undefined;
  const wanted = known?.errors ?? [];
  if (errors.is === 'counted') {
    const more = errors.count - (typeof wanted === 'number' ? wanted : wanted.length);
    return { count: errors.count, fresh: [], more: Math.max(0, more), gone: [] };
  }
  const listed = errors.is === 'none' ? [] : [...new Set(errors.entries)];
  if (typeof wanted === 'number') return { count: listed.length, fresh: [], more: Math.max(0, listed.length - wanted), gone: [] };
  const fresh = listed.filter((entry) => !wanted.includes(entry));
  return { count: listed.length, fresh, more: fresh.length, gone: wanted.filter((entry) => !listed.includes(entry)) };
}

/** A device without others below it, which is counted. */
export interface Leaf {
  readonly name: string;
  readonly state: string;
  readonly errors: Readonly<Record<'read' | 'write' | 'checksum', Count>>;
  readonly note?: string;
}

export function leavesOf({ vdevs }: PoolStatus): readonly Leaf[] {
  return vdevs.flatMap((vdev, index) =>
    isLeaf(vdevs, index) && vdev.errors !== undefined ? [{ ...vdev, errors: vdev.errors }] : [],
  );
}

function isLeaf(vdevs: readonly Vdev[], index: number): boolean {
  const [own, next] = [vdevs[index], vdevs[index + 1]];
  return own !== undefined && own.depth > 0 && (next === undefined || next.depth <= own.depth);
}

export interface Growth {
  readonly device: string;
  readonly known: number;
  readonly now: Count;
}

/** Devices with more checksum errors than known. A restart of the NAS sets the counts to 0, so that fewer mean nothing. */
export function growthOf(pool: PoolStatus, known: ZfsBaseline | undefined): readonly Growth[] {
  return leavesOf(pool)
    .map(({ name, errors }) => ({ device: name, known: known?.checksums[name] ?? 0, now: errors.checksum }))
    .filter((each) => each.now.least > each.known);
}

/** What the configuration would say for the state that is seen, in one line: JSON is YAML. */
export function baselineText(pool: PoolStatus): string {
  const { errors } = pool;
  const entries = errors.is === 'listed' ? [...new Set(errors.entries)] : errors.is === 'counted' ? errors.count : [];
  const counted = leavesOf(pool).filter((leaf) => leaf.errors.checksum.least > 0);
  const checksums = Object.fromEntries(counted.map((leaf) => [leaf.name, leaf.errors.checksum.least]));
  return `zfsBaseline: ${JSON.stringify({ [pool.name]: { errors: entries, checksums } })}`;
}

export type EntryKind = 'file' | 'snapshot' | 'object' | 'deleted' | 'metadata';

/**
 * `file`: it has a path. `snapshot`: whatever it is, it is named in a snapshot. `object`: in a dataset that has a name, by its
 * number only, as of a volume or a file that is deleted.
 */
export function kindOf(entry: string): EntryKind {
  if (/^<0x[0-9a-f]+>:<0x[0-9a-f]+>$/.test(entry)) return 'deleted';
  if (/^<metadata>:<0x[0-9a-f]+>$/.test(entry)) return 'metadata';
  if (/^[^/<@:][^@:]*@[^:]+:/.test(entry)) return 'snapshot';
  return /^[^/<](?!.*:\/).*:<0x[0-9a-f]+>$/.test(entry) ? 'object' : 'file';
}

/** `main/iscsi/vol` of `main/iscsi/vol:<0x1>`. */
export function datasetOfEntry(entry: string): string {
  return entry.replace(/:<0x[0-9a-f]+>$/, '');
}
