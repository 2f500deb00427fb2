import type { SentinelView } from '../../src/commands/redis.ts';
import type { RedisAnswer, RedisInfo } from '../../src/commands/redis-info.ts';
import { isSome, knownOf, ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Member } from './facts.ts';
import type { Part, Seeing } from './seeing.ts';

/** A server that answers. */
export interface Server {
  readonly name: string;
  readonly info: RedisInfo;
  readonly seen: Known<RedisAnswer>;
}

export function serversOf(members: readonly Member[]): readonly Server[] {
  return members.flatMap(({ name, look }) =>
    look?.answer.known === true && look.answer.value.is === 'up'
      ? [{ name, info: look.answer.value.info, seen: look.answer }]
      : [],
  );
}

/** The pod that an address means: its name comes first in a host name, or it is the pod's own. */
export function podAt(host: string, members: readonly Member[]): string | undefined {
  return members.find(({ name, pod }) => host === name || host.startsWith(`${name}.`) || host === pod?.ip)?.name;
}

export function masters(seeing: Seeing): Part {
  const servers = serversOf(seeing.members);
  const [first, second, ...more] = servers.filter(({ info }) => info.role === 'master');
  if (first !== undefined && second !== undefined) return splitBrain(seeing, [first, second, ...more]);
  if (first !== undefined) return told(ok(`${first.name} is the master of ${servers.length - 1} that follow`, first.seen));
  return none(seeing, servers);
}

/** Only where each pod is known either to follow or not to run. */
function none({ redis, members, sets, pods }: Seeing, servers: readonly Server[]): Part {
  const answers = members.flatMap(({ look }) => (look === undefined ? [] : [look.answer]));
  const known = answers.filter((answer) => answer.known);
  if (servers.length === 0 || known.length < answers.length) return NOTHING;
  const furthest = servers.toSorted((a, b) => b.info.offset - a.info.offset)[0];
  return found({
    code: 'no-master',
    subject: `${redis.namespace}/${redis.statefulSet}`,
    says: `No server is the master: ${servers.map(({ name, info }) => `${name} follows ${info.link?.host ?? 'nobody'}`).join(', ')}. Nothing can be written`,
    remedy: `Sentinels choose one as soon as enough of them see each other: let every pod run first. ${furthest?.name ?? 'None'} has got the most of what was written (offset ${furthest?.info.offset ?? 0}).`,
    doNot: 'Do not make one the master by hand while a pod is down: it may have newer data, and Sentinel may choose another.',
    seen: [sets, pods, ...known],
  });
}

type Masters = readonly [Server, Server, ...Server[]];

const NO_RESTORE =
  'Do not restore an RDB: it would throw away the queues of both. Do not restart NFS or the applications, and delete no volume: the storage is well.';

function splitBrain(seeing: Seeing, all: Masters): Part {
  const { redis } = seeing;
  const [first, second, ...more] = all;
  const users = redis.dependants.length === 0 ? 'the applications' : redis.dependants.join(', ');
  const split = found<'split-brain'>({
    code: 'split-brain',
    subject: `${redis.namespace}/${redis.statefulSet}`,
    says: `${all.length} servers take themselves for the master: ${all.map(({ name, info }) => `${name} with ${info.keys} keys`).join(', ')}. Clients are sent to either, so that each misses what the other has`,
    remedy: `Stop ${users}, so that nothing more is written to either. Which one stays the master, and the lines for it, are in the next finding; where there is none, not all could be asked: ask again.`,
    doNot: NO_RESTORE,
    seen: [first.seen, second.seen, ...more.map(({ seen }) => seen)],
  });
  return together<Part['findings'][number]['code']>([split, rightOne(seeing, all)]);
}

/** All that tells must name the same: every Sentinel, the larger data, the newer writes; and what cannot tell may have more than those that do. */
function rightOne(seeing: Seeing, all: Masters): Part {
  const { redis, members, pods, sets } = seeing;
  const looks = members.flatMap(({ look }) => look ?? []);
  const answers = knownOf(looks.map(({ answer }) => answer));
  const views = knownOf(looks.map(({ sentinel }) => sentinel));
  if (answers.length + views.length < 2 * looks.length) return NOTHING;
  const words = views.map((view) => wordOf(view, members));
  const largest = theOne(all, ({ info }) => info.keys);
  const newest = newestOf(all);
  const silent = silentOf(seeing, all);
  const named = new Set([...words, largest?.name]);
  const right = all.find(({ name }) => name === largest?.name);
  const seen = [pods, sets, ...answers, ...views] as const;
  const proofs = `Sentinels name ${words.map((word) => word ?? 'no pod of these').join(' and ')}; most keys has ${largest?.name ?? 'neither'}; newest writes has ${newest.join(' and ')}`;
  if (right !== undefined && named.size === 1 && newest.includes(right.name) && silent.length === 0)
    return rightMaster(right, all, { proofs, seen, host: hostOf(views) ?? right.name });
  return found({
    code: 'right-master-unclear',
    subject: `${redis.namespace}/${redis.statefulSet}`,
    says: `What tells which master is the right one ${silent.length === 0 ? 'does not agree' : 'is not all there'}: ${[proofs, ...silent].join('; ')}`,
    remedy: `${silent.length === 0 ? '' : 'Let every server run and read its data first. '}A person decides, who knows what the applications wrote: first BGSAVE on each and a copy of each /data/dump.rdb, then compare keys (redis-cli --scan) and queues.`,
    doNot: `Let none follow another before that: it loses all that it alone has. ${NO_RESTORE}`,
    seen,
  });
}

/** Who has data that nobody can count now: more of them, perhaps, than any that can be. */
function silentOf({ members }: Seeing, all: Masters): readonly string[] {
  const up = serversOf(members).map(({ name }) => name);
  return [
    ...members.flatMap(({ name }) => (up.includes(name) ? [] : [`${name} does not run, and what it has is not known`])),
    ...all.flatMap(({ name, info }) => (info.loading === undefined ? [] : [`${name} still reads its data (${info.loading} %)`])),
  ];
}

interface About {
  readonly proofs: string;
  readonly seen: Part['findings'][number]['seen'];
  /** As Sentinel names it. */
  readonly host: string;
}

function rightMaster(right: Server, all: Masters, { proofs, seen, host }: About): Part {
  const others = all.filter(({ name }) => name !== right.name).map(({ name, info }) => `${name} (${info.keys} keys)`);
  return found({
    code: 'right-master',
    subject: right.name,
    says: `${right.name} (${right.info.keys} keys) is the right master: ${proofs}`,
    remedy: `On ${others.join(', ')}: redis-cli BGSAVE, and a copy of /data/dump.rdb outside of that volume; then redis-cli REPLICAOF ${host} 6379. From then on it has what ${right.name} has, and what it alone had is in that copy only.`,
    doNot: `Do not let ${right.name} follow. ${NO_RESTORE}`,
    seen,
  });
}

function wordOf({ value }: Known<SentinelView>, members: readonly Member[]): string | undefined {
  return value.is === 'watching' ? podAt(value.host, members) : undefined;
}

function hostOf(views: readonly Known<SentinelView>[]): string | undefined {
  return views.flatMap(({ value }) => (value.is === 'watching' ? [value.host] : []))[0];
}

/** The one that has more than each other. */
function theOne(all: Masters, figure: (server: Server) => number): Server | undefined {
  const [first, second] = all.toSorted((a, b) => figure(b) - figure(a));
  return first === undefined || second === undefined || figure(first) === figure(second) ? undefined : first;
}

/** Those that are being written now, or else those that saved last: without changes nothing is saved. */
function newestOf(all: Masters): readonly string[] {
  const written = all.filter(({ info }) => info.changesSinceSave > 0);
  const last = Math.max(...all.map(({ info }) => info.savedAt));
  const newest = isSome(written) ? written : all.filter(({ info }) => info.savedAt === last);
  return newest.map(({ name }) => name);
}
