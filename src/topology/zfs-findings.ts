import { isFit } from '../commands/zfs.ts';
import type { Snapshot } from '../commands/zfs-snapshots.ts';
import type { Diagnosis, Evidence, Finding } from '../core/finding.ts';
import { bad, ok } from '../core/finding.ts';
import type { Known } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { sizeOf } from '../core/size.ts';
import type { PlaceLook, ZfsLook } from './zfs-look.ts';

/** What runbooks about snapshots say in the same words. */
export const ZFS_CODES = {
  'no-zfs': 'The server has no ZFS, so that there are no snapshots.',
  'no-such-dataset': 'Neither a dataset nor a directory in one has this name.',
  'pool-unfit': 'The pool is not healthy, or at least 90 % full.',
} as const;
export type ZfsCode = keyof typeof ZFS_CODES;

export type Proofs = readonly [Known<unknown>, ...Known<unknown>[]];

/** One bad thing, as evidence and as finding. */
export function found<Code extends string>(finding: Finding<Code>): Diagnosis<Code> {
  return { evidence: [bad(finding.says, ...finding.seen)], findings: [finding] };
}

export const NOTHING: Diagnosis<never> = { evidence: [], findings: [] };

export function told(...evidence: Evidence[]): Diagnosis<never> {
  return { evidence, findings: [] };
}

/** What the name means: RB-12's first question, since a plain directory has no snapshots of its own. */
export function aboutPlace({ nas }: Site, { stored }: ZfsLook, { name, place, entry }: PlaceLook): Diagnosis<ZfsCode> {
  if (stored?.known !== true) return NOTHING;
  if (stored.value.length === 0)
    return found({
      code: 'no-zfs',
      subject: nas.host.name,
      says: `${nas.host.name} has no ZFS dataset: there is nothing of which a snapshot could be made or read`,
      remedy: 'Use the backups of the service, or snapshots of the volume below the file system (LVM), by hand.',
      seen: [stored],
    });
  if (place === undefined) return missing(name, [stored]);
  if (entry === undefined) return told(ok(wholeOf(place.dataset.name, place.path), stored));
  if (!entry.known) return NOTHING;
  if (entry.value.is !== 'directory') return missing(name, [stored, entry]);
  const says = `${place.path} is a directory of the dataset ${place.dataset.name}, and no dataset of its own`;
  return told(ok(says, stored, entry));
}

function wholeOf(name: string, path: string | undefined): string {
  return path === undefined ? `${name} is a dataset of which ZFS tells no path` : `${name} is a dataset, mounted at ${path}`;
}

function missing(name: string, seen: Proofs): Diagnosis<ZfsCode> {
  return found({
    code: 'no-such-dataset',
    subject: name,
    says: `No dataset is named ${name}, and no directory of one`,
    remedy: 'Give the name of a dataset (main/immich) or the path of a directory (/mnt/main/immich).',
    seen,
  });
}

export function aboutPool({ pools }: ZfsLook, datasets: readonly string[]): Diagnosis<ZfsCode> {
  if (pools?.known !== true) return NOTHING;
  const names = new Set(datasets.map((name) => name.split('/', 1)[0]));
  const parts = pools.value
    .filter(({ name }) => names.has(name))
    .map((pool): Diagnosis<ZfsCode> => {
      const says = `Pool ${pool.name} is ${pool.health} and ${pool.usedPercent} % full`;
      if (isFit(pool)) return told(ok(says, pools));
      const remedy = 'Repair or relieve the pool first: /storage diagnose zfs. A full pool slows down before it refuses writes.';
      return found({ code: 'pool-unfit', subject: pool.name, says, remedy, seen: [pools] });
    });
  return { evidence: parts.flatMap(({ evidence }) => evidence), findings: parts.flatMap(({ findings }) => findings) };
}

const SHOWN = 12;

/** The newest snapshots, newest first, with age and what each alone takes. */
export function snapshotLines(snapshots: readonly Snapshot[], nowS: number | undefined): readonly string[] {
  const rows = snapshots
    .toReversed()
    .slice(0, SHOWN)
    .map((each) => {
      const age = nowS === undefined ? `made ${timeOf(each.createdS)}` : `${ageOf(nowS - each.createdS)} old`;
      return `${each.name}: ${age}, ${sizeOf(each.usedBytes)} its own`;
    });
  return snapshots.length > SHOWN ? [...rows, `and ${snapshots.length - SHOWN} older ones`] : rows;
}

/** What can be chosen from. */
export function choice(dataset: string, snapshots: Known<readonly Snapshot[]>, clock: ZfsLook['clock']): Diagnosis<never> {
  const lines = snapshotLines(snapshots.value, clock.known ? clock.value : undefined);
  if (lines.length === 0) return told(ok(`${dataset} has no snapshot`, snapshots));
  return told(ok(`Snapshots of ${dataset}: ${lines.join('; ')}`, snapshots, ...(clock.known ? [clock] : [])));
}

export function timeOf(seconds: number): string {
  return `${new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function ageOf(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
