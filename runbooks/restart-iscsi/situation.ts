import type { Pod } from '../../src/commands/cluster-objects.ts';
import { sinceAttached } from '../../src/commands/iscsi-node.ts';
import type { Soft } from '../../src/commands/iscsi-records.ts';
import { HARDENED, isDigest, SETTINGS, softIn } from '../../src/commands/iscsi-records.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Claim } from '../../src/topology/claim-users.ts';
import { podsOfClaim, usersOfClaim } from '../../src/topology/claim-users.ts';
import type { IscsiVolume } from '../../src/topology/iscsi-look.ts';
import { describe, disksOf, works } from '../../src/topology/iscsi-sessions.ts';
import type { Facts, Meant } from './facts.ts';
import { meantBy } from './facts.ts';

/** One target of one node, with all that a restart depends on seen. */
export interface Situation extends Meant {
  readonly users: readonly User[];
  readonly pods: readonly Pod[];
  /** Lists of the cluster, views of the session, its record and the mounts. */
  readonly proofs: readonly [Known<unknown>, ...Known<unknown>[]];
  /** What is not as it should be; empty where nothing needs a restart. */
  readonly wrong: readonly string[];
  /** The log of a login that was made anew, after which the session still has no digests. */
  readonly declined?: Known<unknown>;
}

/** By the bot. A note at what runs is of an earlier stop. */
export function isStopped({ runs, ranBefore }: User): boolean {
  return runs === 0 && ranBefore !== undefined;
}

/** Undefined where something could not be seen, or not exactly one target is meant. */
export function situationOf(facts: Facts): Situation | undefined {
  const { look, users } = facts;
  const [meant, ...more] = meantBy(facts);
  const { pods, volumes, cluster } = look.cluster;
  const lists = users.filter((each) => each.known);
  if (meant === undefined || more.length > 0 || lists.length < users.length || cluster === undefined) return undefined;
  if (!pods.known || !volumes.known || !look.attachments.known) return undefined;
  const { initiator } = meant.node;
  const { details, live, mounts, kernel } = initiator ?? {};
  const { iqn, portal } = meant.target;
  const record = initiator?.records.find(({ target }) => target.iqn === iqn && target.portal === portal)?.record;
  if (details?.known !== true || live?.known !== true || mounts?.known !== true || kernel?.known !== true) return undefined;
  if (record?.known !== true) return undefined;
  const claims = claimsOf(meant.volumes);
  const all = lists.flatMap(({ value }) => value);
  const using = distinct(claims.flatMap((claim) => usersOfClaim(claim, all, cluster.workloads)));
  const declined = declinedIn(meant);
  return {
    ...meant,
    users: using,
    pods: distinct(claims.flatMap((claim) => podsOfClaim(claim, pods.value))),
    proofs: [details, live, mounts, kernel, record, pods, volumes, look.attachments, ...lists],
    wrong: wrongWith(meant, (soft) => declined === undefined || !isDigest(soft)),
    ...(declined && { declined }),
  };
}

export function claimsOf(volumes: readonly IscsiVolume[]): readonly Claim[] {
  return volumes.flatMap(({ volume: { claimRef } }) => (claimRef === undefined ? [] : [claimRef]));
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

/** What the server did not agree to in a login of the last two hours, after a logout, it will hardly agree to in the next one. */
function declinedIn({ session, target }: Meant): Known<unknown> | undefined {
  const log = session?.initiator.log;
  if (session?.live === undefined || log?.known !== true) return undefined;
  const soft = softIn(session.live);
  const [before, last] = log.value.filter((fact) => 'iqn' in fact && fact.iqn === target.iqn).slice(-2);
  const isRenewed = before?.is === 'shutdown' && last?.is === 'operational';
  return isRenewed && soft.length > 0 && soft.every(isDigest) ? log : undefined;
}

function wrongWith({ session, record }: Meant, counts: (soft: Soft) => boolean): readonly string[] {
  const found = record?.record.known === true ? record.record.value.found : undefined;
  const other =
    found === undefined
      ? ['it has no record']
      : SETTINGS.filter((name) => found[name] !== HARDENED[name]).map((name) => `its record has ${name} = ${found[name]}`);
  if (session === undefined) return [...other, 'it has no session'];
  const isDead = works(session) ? [] : [`its session is dead (${describe(session)})`];
  const isBare = disksOf(session).length === 0 ? ['its session has no disk'] : [];
  const soft = session.live === undefined ? [] : softIn(session.live).filter(counts);
  const isSoft = soft.map(({ name, value }) => `its live session has ${name} = ${value}`);
  return [...isDead, ...isBare, ...isSoft, ...other, ...abortedOn(session)];
}

/** Mounted, and the kernel has given the file system up. */
function abortedOn(session: NonNullable<Meant['session']>): readonly string[] {
  const { kernel, mounts } = session.initiator;
  if (!kernel.known || !mounts.known) return [];
  const isMounted = (disk: string) => mounts.value.some((mount) => mount.disk === disk);
  return disksOf(session)
    .filter((disk) => isMounted(disk) && sinceAttached(kernel.value, disk).includes('aborted'))
    .map((disk) => `the file system on ${disk} gave up`);
}
