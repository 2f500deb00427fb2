import type { Flavour } from '../commands/nas.ts';
import { entriesAt, isSameTree, type Tree, treeAt } from '../commands/trees.ts';
import { workNamed } from '../commands/work.ts';
import { daemonWork } from '../commands/work-daemon.ts';
import { unitWork } from '../commands/work-unit.ts';
import type { Snapshot } from '../commands/zfs-snapshots.ts';
import { type StoredDataset, storedDatasets } from '../commands/zfs-stored.ts';
import type { Finding } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import { check, noUndo, verify, within } from '../core/plan.ts';
import type { Site } from '../core/site.ts';
import { changesExport, usesDataset, usesNas, usesPoolOf } from './holds.ts';
import { poolIsFit, sameSnapshot } from './zfs-checks.ts';

export interface CopySituation {
  readonly site: Site;
  readonly flavour: Flavour;
  readonly dataset: StoredDataset;
  readonly snapshot: Snapshot;
  /** What the snapshot has of it. */
  readonly tree: Tree;
  readonly from: string;
  readonly to: string;
  /** Each directory on the way to the copy: a link put there meanwhile would lead it out of the dataset. */
  readonly ways: readonly string[];
  readonly because: Finding;
  readonly workName: string;
  readonly warnings: readonly string[];
}

/** Copies out of a snapshot to where nothing is yet, with owners, modes, times and links; nothing that is there is touched. */
export function copyStep(situation: CopySituation): Step {
  const { site, flavour, dataset, snapshot, tree, from, to, ways, because, warnings } = situation;
  const { host } = site.nas;
  const deadlineS = secondsFor(tree);
  const unit = {
    name: workNamed(situation.workName, 'restore'),
    argv: copyLine(flavour, from, to),
    deadlineS,
    risk: 'normal',
  } as const;
  const { change, work } = flavour === 'core' ? daemonWork(host, unit) : unitWork(host, unit);
  return {
    title: `Copy what ${snapshot.name} has of it to ${to}`,
    because,
    before: [
      sameSnapshot(site, snapshot),
      check(`The snapshot has ${from}, and ${to} does not exist`, entriesAt(host, [from, to]), ([source, target]) => {
        return source?.is !== 'absent' && target?.is === 'absent';
      }),
      check(`No link is on the way to ${to}`, entriesAt(host, [to, ...ways]), ([, ...above]) =>
        above.every(({ is }) => is === 'directory'),
      ),
      check(`${dataset.name} has room for twice as much`, storedDatasets(host, flavour), (all) =>
        all.some(({ name, availableBytes }) => name === dataset.name && availableBytes >= 2 * tree.bytes),
      ),
      poolIsFit({ site, flavour, dataset }),
    ],
    change,
    work,
    after: within(
      (deadlineS + 120) * 1_000,
      verify(`${to} has ${describeTree(tree)}, as the snapshot`, treeAt(host, to), (now) => isSameTree(now, tree)),
    ),
    undo: noUndo(
      `Nothing to take back: nothing that was there is touched, and the bot removes no directory with something in it. A person who no longer needs the copy removes it: rm -r ${to}`,
    ),
    holds: [changesExport(to), usesDataset(dataset.name), usesPoolOf(dataset.name), usesNas(site)],
    warnings,
  };
}

/** FreeBSD's cp has no option against copying into a directory of that name; that there is none is asked before. */
function copyLine(flavour: Flavour, from: string, to: string): readonly [string, ...string[]] {
  return flavour === 'core' ? ['cp', '-a', from, to] : ['cp', '--archive', '--no-target-directory', from, to];
}

/** At 10 MB/s and 50 files a second, which a busy disk still does, and ten minutes besides. */
function secondsFor({ files, bytes }: Tree): number {
  return Math.ceil(600 + bytes / 10_000_000 + files / 50);
}

export function describeTree({ files, directories, others, bytes }: Tree): string {
  return `${files} files, ${directories} directories, ${others} links and others, ${bytes} bytes`;
}
