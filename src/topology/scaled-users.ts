import type { Autoscaler } from '../commands/autoscalers.ts';
import { autoscalers } from '../commands/autoscalers.ts';
import * as cluster from '../commands/cluster.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import type { User } from '../commands/workload-volumes.ts';
import { usersOfKind } from '../commands/workload-volumes.ts';
import { commandLine, show } from '../core/command.ts';
import type { Check, CheckResult } from '../core/plan.ts';
import type { Known, Reader } from '../core/reading.ts';
import { isLiving, isPodOf, isSetTo, nameOf, podsReady, type Runs, userRuns } from './stopped-users.ts';

// What runs at all gets its number from its HorizontalPodAutoscaler, and at once: another number than the one that was set is then no
// sign of a stranger. Only then is that one asked for.

const OR_SCALED = 'or as many as its HorizontalPodAutoscaler wants';

/** The autoscaler of a workload, its own and KEDA's. */
export function scalerOf({ kind, namespace, name }: User, scalers: readonly Autoscaler[]): Autoscaler | undefined {
  return scalers.find((each) => each.namespace === namespace && each.target.kind === kind && each.target.name === name);
}

/** All its pods are ready: as many as were set, or as many as its autoscaler made of that. */
export function startedPodsReady(user: User, state: Runs): Check {
  if (user.kind === 'CronJob') return podsReady(user, state);
  const pods = cluster.pods();
  return {
    says: `${nameOf(user)} runs ${state.runs} pods, ${OR_SCALED}, all of them ready`,
    line: `${lineOf(user)}; ${commandLine(pods.command)}`,
    holds: async (read) => {
      const set = await isSetOrScaled(read, { user, state });
      if ('answer' in set) return set;
      const all = await read(pods);
      if (!all.known) return { answer: 'unknown', seen: all };
      const own = all.value.filter((pod) => isPodOf(user, pod) && isLiving(pod));
      return { answer: own.length === set.runs && own.every(isReady) ? 'yes' : 'no', seen: all };
    },
  };
}

/** How often it is to run since it was started, and the bot's note. */
export function startedUserRuns(user: User, state: Runs): Check {
  if (user.kind === 'CronJob' || state.runs === 0) return userRuns(user, state);
  return {
    says: `${nameOf(user)} is to run ${state.runs}, ${OR_SCALED}, with ${state.ranBefore === undefined ? 'no note of the bot' : `the note that it ran ${state.ranBefore}`}`,
    line: lineOf(user),
    holds: async (read) => {
      const set = await isSetOrScaled(read, { user, state });
      return 'answer' in set ? set : { answer: 'yes', seen: set.seen };
    },
  };
}

function lineOf({ kind }: User): string {
  return `${show(usersOfKind(kind).command)}; ${commandLine(autoscalers().command)}`;
}

function isReady({ ready, terminatingAt }: Pod): boolean {
  return ready && terminatingAt === undefined;
}

interface Set {
  readonly runs: number;
  readonly seen: Known<unknown>;
}

async function isSetOrScaled(
  read: Reader,
  { user, state }: { readonly user: User; readonly state: Runs },
): Promise<Set | CheckResult> {
  const seen = await read(usersOfKind(user.kind));
  if (!seen.known) return { answer: 'unknown', seen };
  const now = seen.value.find(({ namespace, name }) => namespace === user.namespace && name === user.name);
  if (now === undefined || !isSetTo(now, { ...state, runs: now.runs })) return { answer: 'no', seen };
  if (now.runs === state.runs) return { runs: now.runs, seen };
  const scalers = await read(autoscalers());
  if (!scalers.known) return { answer: 'unknown', seen: scalers };
  const scaler = scalerOf(user, scalers.value);
  if (scaler === undefined || now.runs < scaler.least || now.runs > scaler.most) return { answer: 'no', seen };
  return { runs: now.runs, seen: scalers };
}
