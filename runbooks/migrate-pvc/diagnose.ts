import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { isLiving, isPodOf, nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';
import { isInUse, obstacles } from './obstacles.ts';
import { newSize } from './room.ts';
import { idOf } from './source.ts';
import { type Stage, stageOf, type Users, usersOf, workersOf } from './state.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const { place, cluster } = facts;
  if (place === undefined) return blind(looksOf(facts));
  const users = usersOf(cluster, place);
  const stage = users === undefined ? undefined : stageOf(users, place);
  if (users !== undefined && stage === 'switched') {
    const unseen = blind(switchedLooks(facts));
    return together([unseen, unseen.evidence.length > 0 ? NOTHING : switched(facts, place, users)]);
  }
  const unseen = blind(looksOf(facts));
  const inTheWay = obstacles(facts, place, users);
  const isClear = unseen.evidence.length === 0 && inTheWay.findings.length === 0;
  const isReady = isClear && users !== undefined && stage !== undefined;
  return together([unseen, backups(place), inTheWay, isReady ? progress(facts, { place, users, stage }) : NOTHING]);
}

function blind(looks: readonly Seen<unknown>[]): Part {
  return { evidence: notSeen('Cluster, NAS and hypervisor', looks), findings: [] };
}

/** Everything that a plan would be made from. */
export function looksOf({ cluster, pool, place }: Facts): readonly Seen<unknown>[] {
  const { claims, volumes, users, pods, attachments, classes, nodes, autoscalers } = cluster;
  const { jobs, told: tells, tree, usage, databases = [] } = place ?? {};
  const running = databases.filter(isInUse);
  const inside = running.flatMap((look) => [...look.cluster.lists, ...(look.inside === undefined ? [] : [look.inside.check])]);
  const inCluster = [claims, volumes, ...users, pods, attachments, classes, nodes, autoscalers];
  // A volume that is there has been in a slot before.
  const machines = place?.made?.phase === 'Bound' ? [] : pool.machines.map(({ config }) => config);
  const all = [...inCluster, pool.storages, pool.pools, pool.logical, ...machines];
  return [...all, jobs, tells, tree, usage, ...inside].filter((each) => each !== undefined);
}

function switchedLooks({ cluster: { claims, users, pods }, place }: Facts): readonly Seen<unknown>[] {
  return [claims, ...users, pods, place?.jobs].filter((each) => each !== undefined);
}

interface At {
  readonly place: Place;
  readonly users: Users;
  readonly stage: Stage;
}

const CODE_OF = { running: 'not-migrated', stopped: 'half-migrated', copied: 'not-switched' } as const;

const REMEDY: Readonly<Record<(typeof CODE_OF)[keyof typeof CODE_OF], string>> = {
  'not-migrated': 'Make the new claim, and stop who uses the old one.',
  'half-migrated':
    'Copy the files and compare both sides, while nobody runs. To run on the old claim again, take back the run that stopped them.',
  'not-switched': 'Let its users use the new claim, and start them as they ran before.',
};

function progress(facts: Facts, { place, users, stage }: At): Part {
  if (stage === 'switched') return NOTHING;
  const code = CODE_OF[stage];
  const who = users.source.users.map(
    (user) => `${nameOf(user)} (runs ${user.runs}${user.ranBefore === undefined ? '' : `, ran ${user.ranBefore}`})`,
  );
  const what = stage === 'copied' ? `is copied to ${place.target}: ${outcome(place)}` : SAYS[stage](facts, place);
  const says = `${idOf(place)} ${what}; on it: ${who.join(', ') || 'nobody'}`;
  const [first, ...more] = once(knownOf(looksOf(facts)));
  return first === undefined
    ? NOTHING
    : found({ code, subject: idOf(place), says, remedy: REMEDY[code], seen: [first, ...more] });
}

const SAYS: Readonly<Record<'running' | 'stopped', (facts: Facts, place: Place) => string>> = {
  running: (facts, place) => `is where it was; ${place.target} ${place.made ? 'is there' : `gets ${newSize(facts, place)}`}`,
  stopped: (_, place) => {
    const last = place.told?.known === true && place.told.value.is === 'failed' ? place.told.value.says : undefined;
    return `is not copied yet${last === undefined ? '' : `: the last try failed (${last})`}`;
  },
};

/** 2380 = 2380, as the Job counted both sides. */
export function outcome({ told: tells }: Place): string {
  if (tells?.known !== true || tells.value.is !== 'complete') return 'its Job is complete, and its counts are not there any more';
  const { source, copy, hashed, databases, unchecked, attributes } = tells.value.copied;
  const parts = [
    `${source.files} = ${copy.files} files`,
    `${source.directories} = ${copy.directories} directories`,
    `${source.links} = ${copy.links} links`,
    ...(source.specials > 0 ? [`${source.specials} sockets and pipes, made anew`] : []),
    `${sizeOf(source.bytes)} = ${sizeOf(copy.bytes)}`,
    `${hashed} files with the same SHA-256`,
    ...(databases > 0 ? [`${databases} SQLite databases whole`] : []),
    ...(unchecked > 0 ? [`${unchecked} SQLite databases that could not be checked`] : []),
    ...(attributes === 'hidden' ? ['NFS shows no lists of access of the server: none were copied'] : []),
    ...(attributes === 'refused' ? ['without lists of access and extended attributes, which one side refuses'] : []),
  ];
  return parts.join(', ');
}

function once(seen: readonly Known<unknown>[]): readonly Known<unknown>[] {
  return [...new Map(seen.map((each) => [each.line, each])).values()];
}

/** Whether all that is to run runs. The old claim is kept, and told. */
function switched({ cluster }: Facts, place: Place, users: Users): Part {
  const { namespace, name } = place.source;
  const { pods } = cluster;
  const seen = users.target.seen;
  const kept = ok(
    `${namespace}/${name} is kept as it was: for 7 days at least, then a person may delete it, and with it the way back`,
    ...seen,
  );
  const isReady = (user: Users['target']['users'][number]) =>
    user.ranBefore === undefined &&
    pods.known &&
    pods.value.filter((pod) => isPodOf(user, pod) && isLiving(pod) && pod.ready).length >= user.runs;
  const notReady = workersOf(users.target.users).filter((user) => !isReady(user));
  const using = users.target.users.map((user) => nameOf(user)).join(', ');
  const done = {
    evidence: [ok(`${using} ${users.target.users.length > 1 ? 'use' : 'uses'} ${place.target}`, ...seen), kept],
    findings: [],
  };
  const all = notReady.map(
    (user): Finding<Code> => ({
      code: 'not-ready',
      subject: nameOf(user),
      says: `${nameOf(user)} is to use ${place.target}, and not all of its ${user.runs} pods are ready`,
      remedy: `Look why with /storage diagnose block service ${user.name}; "permission denied" there means that its template needs an fsGroup. The run that migrated it can be taken back.`,
      doNot: `Do not delete ${namespace}/${name}: it is the way back.`,
      seen,
    }),
  );
  return isSome(all) ? { evidence: [...all.map(({ says }) => bad(says, ...seen)), kept], findings: all } : done;
}

const DAY_S = 86_400;

/** Not a condition: the old claim is the backup of this change. */
function backups({ backups: all }: Place): Part {
  return told(
    ...all.flatMap(({ job, files, clock }) => {
      if (!files.known || !clock.known) return [];
      const [newest] = files.value;
      const hours = newest === undefined ? undefined : Math.floor((clock.value - newest.modifiedAt) / 3_600);
      const age = hours === undefined ? 'there is none' : `${hours} hours old`;
      return [ok(`The newest backup of ${job}: ${age}`, files, clock)];
    }),
  );
}

/** Why there may be no fresh backup: nothing where each of its jobs made one within a day. */
export function staleBackups({ backups: all }: Place): readonly string[] {
  if (all.length === 0) return ['the configuration names no backup of its namespace'];
  return all.flatMap(({ job, files, clock }) => {
    if (!files.known || !clock.known) return [`the backups of ${job} could not be seen`];
    const [newest] = files.value;
    return newest !== undefined && clock.value - newest.modifiedAt <= DAY_S ? [] : [`${job} made none for more than a day`];
  });
}
