import * as cluster from '../commands/cluster.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import type { User, UserState, WholeVolume } from '../commands/workload-volumes.ts';
import { usersOfKind } from '../commands/workload-volumes.ts';
import { commandLine, show } from '../core/command.ts';
import type { Check, CheckResult } from '../core/plan.ts';
import { check } from '../core/plan.ts';
import { made } from './cluster.ts';

type UserName = Pick<User, 'kind' | 'namespace' | 'name'>;

export function nameOf({ kind, namespace, name }: UserName): string {
  return `${kind} ${namespace}/${name}`;
}

export function isLiving({ phase }: Pod): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed';
}

/** Whether this workload made the pod. */
export function isPodOf({ kind, namespace, name }: UserName, pod: Pod): boolean {
  return made({ kind, namespace, name, spec: { volumes: [], containers: [] }, claimTemplates: [] }, pod);
}

export type Runs = Pick<UserState, 'runs' | 'ranBefore' | 'stoppedFor'>;

export function runsNow({ runs, ranBefore }: User): Runs {
  return { runs, ...(ranBefore !== undefined && { ranBefore }) };
}

/** How often it is to run, and the bot's note of how often it ran. */
export function userRuns(user: User, state: Runs): Check {
  const note = state.ranBefore === undefined ? 'no note of the bot' : `the note that it ran ${state.ranBefore}`;
  return check(`${nameOf(user)} is to run ${state.runs}, with ${note}`, usersOfKind(user.kind), (all) => is(all, user, state));
}

function is(all: readonly User[], { namespace, name }: UserName, state: Runs): boolean {
  return all.some((now) => now.namespace === namespace && now.name === name && isSetTo(now, state));
}

export function isSetTo(now: User, { runs, ranBefore, stoppedFor }: Runs): boolean {
  const isNoted = stoppedFor === undefined || (now.stoppedFor ?? null) === stoppedFor;
  return now.runs === runs && now.ranBefore === ranBefore && isNoted;
}

/** The sentence about a user, of its pods. */
export function podsOfUser(
  user: User,
  { says, state, holds }: { readonly says: string; readonly state: Runs; readonly holds: (own: readonly Pod[]) => boolean },
): Check {
  const [users, pods] = [usersOfKind(user.kind), cluster.pods()];
  return {
    says,
    line: `${show(users.command)}; ${commandLine(pods.command)}`,
    holds: async (read): Promise<CheckResult> => {
      const [seen, all] = await Promise.all([read(users), read(pods)]);
      if (!seen.known) return { answer: 'unknown', seen };
      if (!all.known) return { answer: 'unknown', seen: all };
      if (!is(seen.value, user, state)) return { answer: 'no', seen };
      return { answer: holds(all.value.filter((pod) => isPodOf(user, pod) && isLiving(pod))) ? 'yes' : 'no', seen: all };
    },
  };
}

export function noPodLeft(user: User, state: Runs): Check {
  const says = `${nameOf(user)} is to run ${state.runs}, and none of its pods is left`;
  return podsOfUser(user, { says, state, holds: (own) => own.length === 0 });
}

/** A CronJob counts as running once it may start its Jobs. */
export function podsReady(user: User, state: Runs): Check {
  const says =
    user.kind === 'CronJob' ? `${nameOf(user)} is not suspended` : `${nameOf(user)} runs ${state.runs} pods, all of them ready`;
  const isReady = ({ ready, terminatingAt }: Pod) => ready && terminatingAt === undefined;
  return podsOfUser(user, {
    says,
    state,
    holds: (own) => user.kind === 'CronJob' || (own.length === state.runs && own.every(isReady)),
  });
}

/** How a user is to be: with a generation, nobody may have changed it since. */
export interface UserNow {
  readonly runs: number;
  readonly ranBefore?: number | undefined;
  readonly generation?: number | undefined;
  readonly volumes: readonly WholeVolume[];
}

/** That nobody changed or started it since it was planned for: with each change its generation counts up. */
export function userIs(user: User, { runs, ranBefore, generation, volumes }: UserNow): Check {
  const note = ranBefore === undefined ? 'no note of the bot' : `the note that it ran ${ranBefore}`;
  const asOf = generation === undefined ? '' : `, unchanged since its generation ${generation}`;
  return check(
    `${nameOf(user)} is to run ${runs}, with ${note}, on the volumes as planned${asOf}`,
    usersOfKind(user.kind),
    (all) =>
      all.some(
        (now) =>
          now.namespace === user.namespace &&
          now.name === user.name &&
          now.runs === runs &&
          now.ranBefore === ranBefore &&
          (generation === undefined || now.generation === generation) &&
          JSON.stringify(now.volumes) === JSON.stringify(volumes),
      ),
  );
}
