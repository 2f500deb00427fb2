import { mountDataset } from '../../../src/commands/zfs.ts';
import { inheritReadOnly, propertiesOf, setReadOnly } from '../../../src/commands/zfs-send.ts';
import type { Step } from '../../../src/core/plan.ts';
import { noUndo, verify } from '../../../src/core/plan.ts';
import { nobodyUses } from '../../../src/topology/users.ts';
import { commonSnapshot, foundOf } from '../state.ts';
import { usersOn } from '../users.ts';
import { isMountedCheck, lastCopy } from './copy.ts';
import type { Situation } from './situation.ts';
import { holdsOf, nobodyLeft, sourceIs } from './situation.ts';
import { stopStep } from './users.ts';

/** The second round: nobody writes any more, the copy gets the last changes and is mounted. Undefined without a common snapshot. */
export function cutOver(situation: Situation): readonly Step[] | undefined {
  const { place, source, cluster } = situation;
  const common = commonSnapshot(place);
  if (common === undefined) return undefined;
  const running = usersOn(place.path, cluster).filter(({ runs }) => runs > 0);
  return [
    ...running.map((user) => stopStep(situation, user)),
    ...(source.isReadOnly ? [] : [freezeStep(situation)]),
    ...lastCopy(situation, common.short),
    ...(foundOf(place.target)?.isMounted === true ? [] : [mountStep(situation)]),
  ];
}

function freezeStep(situation: Situation): Step {
  const { site, place, source, because } = situation;
  const { host } = site.nas;
  const { name } = place.source;
  const isReadOnly =
    (wanted: boolean) =>
    ({ found }: { readonly found?: { readonly isReadOnly: boolean } }) =>
      found?.isReadOnly === wanted;
  return {
    title: `Make ${name} read-only`,
    because,
    before: [nobodyLeft(situation), sourceIs(situation, `${name} is not read-only`, (found) => !found.isReadOnly)],
    change: setReadOnly(host, name, true),
    after: verify(`${name} is read-only`, propertiesOf(host, name), isReadOnly(true)),
    undo: {
      change: source.ownReadOnly ? setReadOnly(host, name, false) : inheritReadOnly(host, name),
      before: [sourceIs(situation, `${name} is read-only`, (found) => found.isReadOnly), nobodyUses(place.newPath, site)],
      after: verify(`${name} is not read-only`, propertiesOf(host, name), isReadOnly(false)),
    },
    holds: holdsOf(situation, 'source'),
    warnings: [
      `It stays read-only after the move, for at least 7 days, and the bot never destroys it.`,
      'Hosts outside the cluster that mount it are not seen: they can no longer write there, and stay on the old dataset.',
    ],
  };
}

function mountStep(situation: Situation): Step {
  const { site, place, because } = situation;
  const { name } = place.target;
  return {
    title: `Mount ${name} at ${place.newPath}`,
    because,
    before: [isMountedCheck(situation, false)],
    change: mountDataset(site.nas.host, name),
    after: verify(
      `${name} is mounted at ${place.newPath}`,
      propertiesOf(site.nas.host, name),
      ({ found }) => found?.isMounted === true && found.mountPoint === place.newPath,
    ),
    undo: noUndo('It stays mounted: harmless by itself, and the only way to what may have been written to it since.'),
    holds: holdsOf(situation, 'target'),
    warnings: ['The next look counts the files and bytes of both; nobody works on the copy before they are the same.'],
  };
}
