import { workNamed } from '../../../src/commands/work.ts';
import { copyDataset, propertiesOf, updateCopy } from '../../../src/commands/zfs-send.ts';
import { destroySnapshot, snapshotsOf, takeSnapshot } from '../../../src/commands/zfs-snapshots.ts';
import type { Check, Step } from '../../../src/core/plan.ts';
import { check, noUndo, verify } from '../../../src/core/plan.ts';
import { nobodyUses } from '../../../src/topology/users.ts';
import { MARGIN } from '../fitness.ts';
import type { Situation } from './situation.ts';
import { deadlineFor, hasArrived, hasSnapshot, holdsOf, sourceIs, targetIs, targetIsAbsent, untilDeadline } from './situation.ts';

/** The first round: all of it is copied while its users go on. */
export function firstCopy(situation: Situation): [Step, Step] {
  const { site, flavour, place, source, because, workName } = situation;
  const { host } = site.nas;
  const short = workNamed(workName, 'full');
  const deadlineS = deadlineFor(source.usedBytes);
  const copy = { name: workNamed(workName, 'copy'), source: place.source.name, short, target: place.target.name, deadlineS };
  const { change, work } = copyDataset(host, flavour, { ...copy, own: source.own, risk: 'high' });
  const full: Step = {
    title: `Copy ${place.source.name} to ${place.target.name} while its users go on`,
    because,
    before: [targetIsAbsent(situation), hasSnapshot(situation, short), hasRoom(situation)],
    change,
    work,
    after: untilDeadline(deadlineS, hasArrived(situation, short)),
    undo: noUndo(KEPT),
    holds: holdsOf(situation, 'target'),
    warnings: [
      'Both pools are busy with it; whoever uses them is slower until it has ended.',
      `Snapshots from before stay with ${place.source.name}. Taken along are its data and these settings: ${source.own.join(', ') || 'none'}.`,
    ],
  };
  return [snapshotStep(situation, short, [targetIsAbsent(situation)]), full];
}

const KEPT =
  'The copy is left as it is: once somebody worked on it, it alone holds what was written since. A person compares it and destroys it.';

function hasRoom({ site, facts, source }: Situation): Check {
  const needed = source.usedBytes * MARGIN;
  const says = `${facts.pool} has room for the dataset and a fifth`;
  return check(
    says,
    propertiesOf(site.nas.host, facts.pool),
    ({ found }) => found !== undefined && found.availableBytes > needed,
  );
}

/** Of the source alone. Taking it back frees what it keeps, and with it what the copy could be brought up to date from. */
export function snapshotStep(situation: Situation, short: string, before: readonly Check[]): Step {
  const { site, place, because } = situation;
  const { host } = site.nas;
  const { name } = place.source;
  const isFree = check(`The snapshot ${short} is there, and nothing holds it or is made of it`, snapshotsOf(host, name), (all) =>
    all.some((each) => each.short === short && each.holds === 0 && each.clones.length === 0),
  );
  return {
    title: `Take a snapshot of ${name}`,
    because,
    before: [hasSnapshot(situation, short, false), ...before],
    change: takeSnapshot(host, name, short),
    after: verify(`${name} has the snapshot ${short}`, snapshotsOf(host, name), (all) =>
      all.some((each) => each.short === short),
    ),
    undo: {
      change: destroySnapshot(host, name, short),
      before: [isFree, nobodyUses(place.newPath, site)],
      after: verify(`${name} has no snapshot ${short}`, snapshotsOf(host, name), (all) =>
        all.every((each) => each.short !== short),
      ),
    },
    holds: holdsOf(situation, 'source'),
  };
}

/** What changed between two snapshots, with nobody there who could change more. */
export function lastCopy(situation: Situation, since: string): [Step, Step] {
  const { site, flavour, place, source, because, workName } = situation;
  const short = workNamed(workName, 'last');
  const deadlineS = deadlineFor(source.usedBytes);
  const copy = {
    name: workNamed(workName, 'update'),
    source: place.source.name,
    short,
    since,
    target: place.target.name,
    deadlineS,
  };
  const { change, work } = updateCopy(site.nas.host, flavour, { ...copy, risk: 'high' });
  const isFrozen = sourceIs(situation, `${place.source.name} is read-only`, ({ isReadOnly }) => isReadOnly);
  const isLatest = check(
    `${since} is the latest snapshot of ${place.target.name}`,
    snapshotsOf(site.nas.host, place.target.name),
    (all) => all.at(-1)?.short === since,
  );
  const update: Step = {
    title: `Bring ${place.target.name} up to date`,
    because,
    before: [isFrozen, hasSnapshot(situation, since), hasSnapshot(situation, short), isLatest],
    change,
    work,
    after: untilDeadline(deadlineS, hasArrived(situation, short)),
    undo: noUndo(KEPT),
    holds: holdsOf(situation, 'target'),
  };
  return [snapshotStep(situation, short, [isFrozen]), update];
}

export function isMountedCheck(situation: Situation, wanted: boolean): Check {
  const { name } = situation.place.target;
  return targetIs(situation, `${name} is ${wanted ? '' : 'not '}mounted`, ({ isMounted }) => isMounted === wanted);
}
