import { workNamed } from '../commands/work.ts';
import { destroySnapshot, type Snapshot, snapshotsOf, takeSnapshot } from '../commands/zfs-snapshots.ts';
import type { Step } from '../core/plan.ts';
import { check, verify } from '../core/plan.ts';
import { changesDataset, usesNas, usesPoolOf } from './holds.ts';
import { poolIsFit, type ZfsSituation } from './zfs-checks.ts';

/** One snapshot of this dataset alone. */
export function snapshotStep({ extent, ...situation }: ZfsSituation & { readonly extent?: string }): Step {
  const { site, dataset, because, workName } = situation;
  const { host } = site.nas;
  const short = workNamed(workName, 'kept');
  const name = `${dataset.name}@${short}`;
  const look = snapshotsOf(host, dataset.name);
  const own = (all: readonly Snapshot[]) => all.find((each) => each.name === name);
  return {
    title: `Make the snapshot ${name}`,
    because,
    before: [poolIsFit(situation), check(`${dataset.name} has no snapshot of that name`, look, (all) => own(all) === undefined)],
    change: takeSnapshot(host, dataset.name, short),
    after: verify(`${name} is among the snapshots`, look, (all) => own(all) !== undefined),
    undo: {
      change: destroySnapshot(host, dataset.name, short),
      before: [
        check(`${name} is there, no clone is made of it and no hold keeps it`, look, (all) => {
          const found = own(all);
          return found !== undefined && found.holds === 0 && found.clones.length === 0;
        }),
      ],
      after: verify(`${name} is not among the snapshots`, look, (all) => own(all) === undefined),
    },
    holds: [changesDataset(dataset.name), usesPoolOf(dataset.name), usesNas(site)],
    warnings: [
      ...(extent === undefined ? [] : [extent]),
      'A database that runs is kept as a power cut would leave it: its own dump is the better copy.',
      'Nothing removes this snapshot by itself, and it keeps the space of all that is deleted from now on.',
    ],
  };
}
