import { activeExports } from '../commands/exports.ts';
import { workNamed } from '../commands/work.ts';
import { type Snapshot, snapshotsOf } from '../commands/zfs-snapshots.ts';
import { cloneSnapshot, destroyClone, type StoredDataset, storedDatasets } from '../commands/zfs-stored.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, verify } from '../core/plan.ts';
import { changesDataset, usesDataset, usesNas, usesPoolOf } from './holds.ts';
import { noDatasetNamed, poolIsFit, sameSnapshot, type ZfsSituation } from './zfs-checks.ts';

/** `main/immich-storagebot-…` beside `main/immich`; for a pool's own dataset below it, since a pool has nothing beside it. */
export function cloneName({ name }: Pick<StoredDataset, 'name'>, workName: string): string {
  return `${name.includes('/') ? name : `${name}/${name}`}-${workNamed(workName, 'clone')}`;
}

export interface CloneSituation extends ZfsSituation {
  readonly snapshot: Snapshot;
  /** The mounted dataset below which it appears. */
  readonly above: StoredDataset;
  /** That no pod uses a path. */
  readonly unused: (path: string) => Check;
}

/** A file system to look into, beside its origin. */
export function cloneStep(situation: CloneSituation): Step {
  const { site, flavour, dataset, snapshot, above, because, workName, unused } = situation;
  const { host } = site.nas;
  const name = cloneName(dataset, workName);
  const path = `${above.mountPoint}${name.slice(name.lastIndexOf('/'))}`;
  const look = storedDatasets(host, flavour);
  const isMade = (all: readonly StoredDataset[]) => all.some((each) => each.name === name && each.origin === snapshot.name);
  const isGone = (all: readonly StoredDataset[]) => all.every((each) => each.name !== name);
  return {
    title: `Make ${name} of ${snapshot.name}, to look into and copy from`,
    because,
    before: [sameSnapshot(site, snapshot), noDatasetNamed(situation, name), poolIsFit(situation)],
    change: cloneSnapshot(host, snapshot.name, name),
    after: verify(`${name} is mounted at ${path}`, look, (all) =>
      all.some((each) => each.name === name && each.origin === snapshot.name && each.mounted && each.mountPoint === path),
    ),
    undo: {
      change: destroyClone(host, name),
      before: [
        check(`${name} is a clone of ${snapshot.name}, nothing was written to it and nothing is below it`, look, (all) => {
          const isUnwritten = all.some((each) => each.name === name && each.writtenBytes === 0);
          return isMade(all) && isUnwritten && !all.some((each) => each.name.startsWith(`${name}/`));
        }),
        check(`${name} has no snapshot`, snapshotsOf(host, name), (all) => all.length === 0),
        check(`The NAS does not export ${path}`, activeExports(host, flavour), (all) => all.every((each) => each.path !== path)),
        unused(path),
      ],
      after: verify(`No dataset is named ${name}`, look, isGone),
    },
    holds: [changesDataset(name), usesDataset(dataset.name), usesPoolOf(dataset.name), usesNas(site)],
    warnings: [
      `While it is there, ${snapshot.name} cannot be destroyed: the site's own job that removes old snapshots fails on it.`,
      'It is read-only and exported to nobody. Only a person makes it writable, shares it or promotes it.',
      `Clients that mount ${above.mountPoint} see an empty directory where it is.`,
    ],
  };
}
