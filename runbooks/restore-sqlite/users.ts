import type { User } from '../../src/commands/workload-volumes.ts';
import type { Known } from '../../src/core/reading.ts';
import { podsOfClaim, usersOfClaim } from '../../src/topology/claim-users.ts';
import { isPodOf, nameOf } from '../../src/topology/stopped-users.ts';
import type { Facts } from './facts.ts';

/** Who uses the claim, and the CronJobs that the configuration names; all of it was seen. */
export interface Using {
  readonly users: readonly User[];
  readonly pods: ReturnType<typeof podsOfClaim>;
  readonly seen: readonly Known<unknown>[];
}

export function usingOf({ look, users }: Facts, claim: string): Using | undefined {
  const lists = users.filter((each) => each.known);
  const { cluster } = look.cluster;
  if (cluster === undefined || lists.length < users.length) return undefined;
  const { namespace, cronJobs } = look.sqlite;
  const all = lists.flatMap(({ value }) => value);
  const ofClaim = usersOfClaim({ namespace, name: claim }, all, cluster.workloads);
  const configured = all.filter(
    (user) => user.kind === 'CronJob' && user.namespace === namespace && cronJobs.includes(user.name),
  );
  return {
    users: [...new Set([...ofClaim, ...configured])],
    pods: podsOfClaim({ namespace, name: claim }, cluster.pods),
    seen: [...lists, ...look.cluster.lists.filter((each) => each.known)],
  };
}

/** What the bot notes at whom it stops for this: also after which Job, where that had done it once before. */
export function noteFor({ look: { service } }: Facts, after?: string): string {
  return after === undefined ? `sqlite ${service}` : `sqlite ${service} after ${after}`;
}

export function isStoppedForThis(facts: Facts, { stoppedFor }: User): boolean {
  const note = noteFor(facts);
  return stoppedFor === note || stoppedFor?.startsWith(`${note} after `) === true;
}

/** The Job that the notes name. */
export function notedAfter(facts: Facts, { users }: Using): string | undefined {
  const noted = users.find((user) => isStoppedForThis(facts, user))?.stoppedFor;
  return noted?.slice(`${noteFor(facts)} after `.length) || undefined;
}

export interface InTheWay {
  readonly code: 'cannot-stop' | 'busy';
  readonly subject: string;
  readonly why: string;
}

export function inTheWay({ users, pods }: Using): readonly InTheWay[] {
  const fixed = users.flatMap((user): readonly InTheWay[] => {
    const why =
      user.owner !== undefined
        ? `${user.owner.kind} ${user.owner.name} looks after it`
        : user.kind === 'DaemonSet'
          ? 'it runs on every node'
          : undefined;
    return why === undefined ? [] : [{ code: 'cannot-stop', subject: nameOf(user), why }];
  });
  const others = pods.filter(
    (pod) => pod.owner?.kind === 'Job' || !users.some((user) => user.kind !== 'CronJob' && isPodOf(user, pod)),
  );
  return [
    ...fixed,
    ...others.map(({ namespace, name, owner }): InTheWay => {
      const subject = `Pod ${namespace}/${name}`;
      if (owner?.kind === 'Job') return { code: 'busy', subject, why: `Job ${owner.name} works on it` };
      return { code: 'cannot-stop', subject, why: 'nothing that names this claim made it, so that nothing would start it again' };
    }),
  ];
}
