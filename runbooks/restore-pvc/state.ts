import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { Choice } from './facts.ts';
import type { Place } from './identity.ts';

/** `vm-9999-pvc-…_snap_20260403_0300`, as the snapshot job names them, in the host's own time. */
export function snapshotsOf({ disk }: Place, all: readonly LogicalVolume[]): readonly LogicalVolume[] {
  const own = all.filter(({ name }) => name.startsWith(`${disk}_snap_`) && /^\d{8}_\d{4}$/.test(name.slice(disk.length + 6)));
  return own.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What an earlier step put aside. The site's own job removes volumes with `_pre_restore_` in their names after three days. */
export function keptName(disk: string, workName: string): string {
  return `${disk}_${workName}-before`;
}

export function undoneName(disk: string, workName: string): string {
  return `${disk}_${workName}-undone`;
}

/** A copy beside the volume, for files to come into; while they do, nothing that starts a pod can find it. */
export function newName(disk: string, workName: string): string {
  return `${disk}_${workName}-new`;
}

export function isKept({ disk }: Place, name: string | undefined): boolean {
  return name !== undefined && name.startsWith(`${disk}_storagebot-`) && name.endsWith('-before');
}

function isNew({ disk }: Place, { name }: LogicalVolume): boolean {
  return name.startsWith(`${disk}_storagebot-`) && name.endsWith('-new');
}

/** The volume itself, what was put aside of it, and what was made to take its place. */
export function isOfPlace(place: Place, each: LogicalVolume): boolean {
  return each.name === place.disk || isKept(place, each.name) || isNew(place, each);
}

export function filesTag(week: string): string {
  return `storagebot-files-${week}`;
}

/** Of a copy of a snapshot: it stays when the snapshot has expired and its origin is gone. */
export function snapshotTag({ name }: { readonly name: string }): string {
  return `storagebot-from-${name.slice(-'20260403_0300'.length)}`;
}

/** Volumes are found by their whole name; a snapshot also by its time alone. */
export function chosenSnapshot(
  place: Place,
  all: readonly LogicalVolume[],
  { name }: { readonly name: string },
): LogicalVolume | undefined {
  return snapshotsOf(place, all).find((each) => each.name === name || each.name === `${place.disk}_snap_${name}`);
}

/** How far a restore is, as LVM tells. */
export type Stage =
  | { readonly is: 'untouched'; readonly current: LogicalVolume }
  /** A copy is beside the volume, without the files or with all of them. */
  | { readonly is: 'unfilled' | 'filled'; readonly current: LogicalVolume; readonly made: LogicalVolume }
  /** The old volume is put aside, and nothing has its name; the copy that the files came into is to have it. */
  | { readonly is: 'put-aside'; readonly kept: LogicalVolume; readonly made?: LogicalVolume }
  | { readonly is: 'restored'; readonly current: LogicalVolume }
  | { readonly is: 'missing' };

export function stageOf(place: Place, choice: Choice, all: readonly LogicalVolume[]): Stage {
  const current = all.find(({ name }) => name === place.disk);
  if (current === undefined) return withoutVolume(place, choice, all);
  if (current.tags.includes(tagOf(choice))) return { is: 'restored', current };
  const made = choice.from === 'files' ? madeFor(place, filesTag(choice.week), all) : undefined;
  if (made === undefined) return { is: 'untouched', current };
  return { is: made.tags.length > 0 ? 'filled' : 'unfilled', current, made };
}

function withoutVolume(place: Place, choice: Choice, all: readonly LogicalVolume[]): Stage {
  const kept = latest(all.filter(({ name }) => isKept(place, name)));
  if (kept === undefined) return { is: 'missing' };
  const made = choice.from === 'files' ? madeFor(place, filesTag(choice.week), all) : undefined;
  return { is: 'put-aside', kept, ...(made !== undefined && made.tags.length > 0 && { made }) };
}

/** Only one of the volume as it is or was: with these files, or else without any. */
function madeFor(place: Place, tag: string, all: readonly LogicalVolume[]): LogicalVolume | undefined {
  const own = all.filter((each) => isNew(place, each) && (each.origin === place.disk || isKept(place, each.origin)));
  return latest(own.filter(({ tags }) => tags.includes(tag))) ?? latest(own.filter(({ tags }) => tags.length === 0));
}

function tagOf(choice: Choice): string {
  return choice.from === 'snapshot' ? snapshotTag(choice) : filesTag(choice.week);
}

/** The latest made is the one that had the name last. */
function latest(all: readonly LogicalVolume[]): LogicalVolume | undefined {
  return all.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0)).at(-1);
}

export function utc(atS: number): string {
  return `${new Date(atS * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
