import type { User } from '../../src/commands/workload-volumes.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad, isSome, knownOf, ok } from '../../src/core/finding.ts';
import { exportStateOf } from '../../src/topology/exported.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';
import { commonSnapshot, foundOf, stageOf } from './state.ts';
import type { Cluster } from './users.ts';
import { isAlive, isOf, looksOf, nameOf, usersOn } from './users.ts';

/** How far the move is; asked only where everything was seen and nothing is in the way. */
export function progressOf(facts: Facts, cluster: Cluster): Diagnosis<Code> {
  const { place } = facts;
  const stage = place === undefined ? undefined : stageOf(place);
  if (place === undefined || stage === undefined || stage === 'foreign') return { evidence: [], findings: [] };
  if (isDone(facts, place, cluster)) return whenDone(facts, place, cluster);
  const on = usersOn(place.path, cluster);
  const who = on.length === 0 ? 'nobody' : on.map(told).join(', ');
  const code = stage === 'nothing' ? 'not-moved' : stage === 'copied' ? 'half-copied' : 'half-moved';
  return found(facts, { code, subject: facts.dataset, says: `${SAYS[code](place)}; users: ${who}`, remedy: REMEDY[code] });
}

type Progress = 'not-moved' | 'half-copied' | 'half-moved';

const SAYS: Readonly<Record<Progress, (place: Place) => string>> = {
  'not-moved': ({ source, target }) => `${source.name} is where it was, and there is no ${target.name}`,
  'half-copied': (place) => `${place.target.name} has what ${place.source.name} held at ${commonSnapshot(place)?.short}`,
  'half-moved': ({ source, target, newPath }) => `${target.name} has all of ${source.name} and is mounted at ${newPath}`,
};

const REMEDY: Readonly<Record<Progress, string>> = {
  'not-moved': 'Copy a snapshot while the users go on, then stop them for the last changes alone.',
  'half-copied': 'Stop the users, copy what changed since, and mount the copy.',
  'half-moved': 'Export the copy, and let the users work on it.',
};

function told(user: User): string {
  const before = user.ranBefore === undefined ? '' : `, stopped by the bot (ran ${user.ranBefore})`;
  return `${nameOf(user)}${before}`;
}

/** Everybody works on the copy; or nobody ever used the dataset, and the copy is exported. */
function isDone({ nas, site }: Facts, place: Place, cluster: Cluster): boolean {
  const { active, datasets } = nas;
  if (stageOf(place) === 'nothing' || foundOf(place.target)?.isMounted !== true || !active?.known || !datasets?.known)
    return false;
  const network = site.nas.clientNetwork;
  const isExported = exportStateOf(place.newPath, { active: active.value, datasets: datasets.value, network }) === 'exported';
  const isLeft = usersOn(place.path, cluster).length === 0;
  return isExported && isLeft && (usersOn(place.newPath, cluster).length > 0 || stageOf(place) === 'complete');
}

function whenDone(facts: Facts, place: Place, cluster: Cluster): Diagnosis<Code> {
  const { source, target, newPath } = place;
  const on = usersOn(newPath, cluster);
  const notReady = on.filter((user) => !isReady(user, cluster));
  const proofs = knownOf(looksOf(facts.cluster));
  const known = knownOf([source.properties, target.properties]);
  const keeps = foundOf(source)?.isReadOnly === true ? 'is kept read-only' : 'is still there, and not read-only any more';
  const kept = ok(
    `${source.name} ${keeps}: for 7 days at least, then a person may destroy it; its export stays until it is removed`,
    ...known,
  );
  const working = on.map((user) => {
    const says = `${nameOf(user)} works on ${newPath}`;
    const [first, ...more] = proofs;
    return notReady.includes(user) && first !== undefined
      ? bad(`${says}, and is not ready`, first, ...more)
      : ok(says, ...proofs);
  });
  return { evidence: [...working, kept], findings: notReady.flatMap((user) => unready(facts, user, newPath)) };
}

/** As many pods as are wanted are ready; a CronJob is, as long as it may run. */
function isReady(user: User, { pods }: Cluster): boolean {
  if (user.ranBefore !== undefined) return false;
  if (user.kind === 'CronJob') return true;
  return pods.filter((pod) => isOf(user, pod) && isAlive(pod) && pod.ready).length >= user.runs;
}

function unready(facts: Facts, user: User, newPath: string): readonly Finding<Code>[] {
  const says = `${nameOf(user)} is to work on ${newPath}, and not all of its ${user.runs} pods are ready`;
  const remedy = `Look why with /storage diagnose nfs ${user.name}; the run that moved the dataset can be taken back.`;
  return found(facts, { code: 'not-ready', subject: nameOf(user), says, remedy }).findings;
}

/** Cites everything: each of these conclusions would be another one with another answer. */
function found(facts: Facts, about: Omit<Finding<Code>, 'seen'>): Diagnosis<Code> {
  const { nas, place, cluster } = facts;
  if (place === undefined) return { evidence: [], findings: [] };
  const { source, target } = place;
  const datasets = [source, target].flatMap(({ properties, snapshots, written }) => [properties, snapshots, written]);
  const all = [...datasets, nas.datasets, nas.active, ...looksOf(cluster)].filter((each) => each !== undefined);
  const seen = [...new Map(knownOf(all).map((each) => [each.line, each])).values()];
  if (!isSome(seen)) return { evidence: [], findings: [] };
  return { evidence: [bad(about.says, ...seen)], findings: [{ ...about, seen }] };
}
