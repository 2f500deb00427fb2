import { writtenSince } from '../commands/zfs-send.ts';
import { type Bookmark, bookmarksOf, type Snapshot, snapshotsOf } from '../commands/zfs-snapshots.ts';
import {
  type ChangedFile,
  changedSince,
  hasPath,
  rollbackTo,
  type StoredDataset,
  storedDatasets,
} from '../commands/zfs-stored.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, noUndo, verify, within } from '../core/plan.ts';
import { sizeOf } from '../core/size.ts';
import { changesDataset, usesNas, usesPoolOf } from './holds.ts';
import { sameSnapshot, type ZfsSituation } from './zfs-checks.ts';

/** What differs from a snapshot now, as far as it was listed. */
export interface Changed {
  readonly files: readonly ChangedFile[];
  readonly isAll: boolean;
}

export interface RollbackSituation extends ZfsSituation {
  readonly snapshot: Snapshot;
  readonly changed: Changed;
  /** That no pod uses it, and nothing would start one. */
  readonly unused: readonly Check[];
}

/** What zfs would refuse, or what it would take away with the newer ones. */
export function newerThan(snapshot: Snapshot, snapshots: readonly Snapshot[], bookmarks: readonly Bookmark[]): readonly string[] {
  const later = snapshots.slice(snapshots.findIndex(({ guid }) => guid === snapshot.guid) + 1);
  return [
    ...later.map(({ name }) => name),
    ...bookmarks.filter(({ createdS }) => createdS > snapshot.createdS).map(({ name }) => name),
  ];
}

/** The one step that destroys: only what was written since the newest snapshot, and only while nobody uses the dataset. */
export function rollbackStep(situation: RollbackSituation): Step {
  const { site, flavour, dataset, snapshot, changed, because, unused } = situation;
  const { host } = site.nas;
  const then = listOf(changed);
  return {
    title: `Take ${dataset.name} back to ${snapshot.short}`,
    because,
    before: [
      sameSnapshot(site, snapshot),
      check(
        `${snapshot.name} is the newest snapshot`,
        snapshotsOf(host, dataset.name),
        (all) => all.at(-1)?.guid === snapshot.guid,
      ),
      check('No bookmark is newer', bookmarksOf(host, dataset.name), (all) => newerThan(snapshot, [snapshot], all).length === 0),
      check(`${dataset.name} is a mounted file system without datasets below it`, storedDatasets(host, flavour), (all) =>
        isAlone(all, dataset),
      ),
      check(
        `Nothing more was written to ${dataset.name} than was shown`,
        writtenSince(host, dataset.name, snapshot.short),
        (bytes) => bytes === dataset.writtenBytes,
      ),
      check('What is lost is what was shown', changedSince(host, snapshot.name), (now) => listOf(now) === then),
      ...unused,
    ],
    change: rollbackTo(host, snapshot.name),
    after: within(
      60_000,
      verify(
        `No file of ${dataset.name} differs from ${snapshot.short}`,
        changedSince(host, snapshot.name),
        ({ files }) => files.length === 0,
      ),
    ),
    undo: noUndo(
      'There is none: what was written since the snapshot is gone. A snapshot made now would be newer and in the way of the rollback; who wants to keep something copies it out first.',
    ),
    holds: [changesDataset(dataset.name), usesPoolOf(dataset.name), usesNas(site)],
    warnings: [
      `${sizeOf(dataset.writtenBytes)} that were written since ${snapshot.short} are lost for good.`,
      `Lost or as before: ${describe(changed)}.`,
      'Clients that still have it mounted get "Stale file handle" for files that were made since: they must mount it anew.',
      'Hosts outside the cluster that mount it are not seen: stop what they write there.',
    ],
  };
}

function isAlone(all: readonly StoredDataset[], { name }: StoredDataset): boolean {
  const own = all.find((each) => each.name === name);
  return own?.kind === 'filesystem' && hasPath(own) && !all.some((each) => each.name.startsWith(`${name}/`));
}

function listOf({ files, isAll }: Changed): string {
  return `${isAll} ${files.map(({ how, path }) => `${how} ${path}`).join('\n')}`;
}

const SHOWN = 20;

export function describe({ files, isAll }: Changed): string {
  const rows = files.slice(0, SHOWN).map(({ how, path }) => `${path} (${how})`);
  const more = files.length - rows.length;
  return [...rows, ...(more > 0 ? [`${more}${isAll ? '' : ' or many'} more`] : [])].join(', ');
}
