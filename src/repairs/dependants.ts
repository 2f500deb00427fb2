import type { User } from '../commands/workload-volumes.ts';
import { setUser } from '../commands/workload-volumes.ts';
import { Refusal } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { Hold } from '../core/hold.ts';
import { changes } from '../core/hold.ts';
import type { Check, Step } from '../core/plan.ts';
import { startedPodsReady, startedUserRuns } from '../topology/scaled-users.ts';
import { nameOf, noPodLeft, type Runs, runsNow, userRuns } from '../topology/stopped-users.ts';

const STOPS_WITHIN_MS = 240_000;
const STARTS_WITHIN_MS = 300_000;

/** A `Dependant`, or a user of a volume. */
type StoppableUser = User & { readonly isProxy?: boolean; readonly autoscaler?: string };

interface Parts {
  readonly users: readonly StoppableUser[];
  readonly because: Finding;
  /** Besides that each runs as it did when this was planned. */
  readonly before: readonly Check[];
  /** Besides the workload that each step changes: what it is stopped for. */
  readonly holds: readonly Hold[];
  /** Noted at each: what it is stopped for, as `findDependants` is asked. Absent: nothing is noted or taken away. */
  readonly stoppedFor?: string;
}

export interface Stopping extends Parts {
  /** Until when it is down. */
  readonly until: string;
  /** Besides those of every stop. */
  readonly warnings?: (user: User) => readonly string[];
  /** Besides that it is still as the step left it. */
  readonly undoBefore: readonly Check[];
  /** What must be so as well once the last of them has gone. */
  readonly lastAlso?: (gone: Check) => Check;
}

export interface Starting extends Parts {
  /** Before the first of them starts, nothing else does. */
  readonly firstBefore?: readonly Check[];
  /** What must be so as well once the first, taken back last, has gone again. */
  readonly firstGone?: (gone: Check) => Check;
  /** Besides that it still runs: what was restored is still in use, or who runs again after an undo would be stopped once more. */
  readonly undoBefore?: readonly Check[];
  readonly undoWarnings?: (user: User) => readonly string[];
}

/** CronJobs first: one could start a pod while the last of the others goes. Proxies last, since others lose their sessions with them. */
export function stopDependants(stopping: Stopping): readonly Step[] {
  const sorted = stopping.users.toSorted((a, b) => place(b) - place(a));
  return sorted.map((user, index) => stopStep(stopping, user, index === sorted.length - 1));
}

/** In the other direction: proxies first, CronJobs last. To the same number as before. */
export function startDependants(starting: Starting): readonly Step[] {
  const sorted = starting.users.toSorted((a, b) => place(a) - place(b));
  return sorted.map((user, index) => startStep(starting, user, index === 0));
}

/** Where it stands in the order of starting. */
function place({ kind, isProxy }: StoppableUser): number {
  return kind === 'CronJob' ? 2 : isProxy === true ? 0 : 1;
}

function stopStep(stopping: Stopping, user: StoppableUser, isLast: boolean): Step {
  const { because, before, holds, stoppedFor, undoBefore, lastAlso } = stopping;
  requireByHand(user);
  // Somebody may have started what the bot had stopped, and with another number: how it runs now counts.
  const now = { ...runsNow(user), ...noteOf(stoppedFor, user.stoppedFor ?? null) };
  const stopped: Runs = { runs: 0, ranBefore: user.runs, ...noteOf(stoppedFor, stoppedFor ?? null) };
  const gone = noPodLeft(user, stopped);
  return {
    title: `Stop ${nameOf(user)}`,
    because,
    before: [userRuns(user, now), ...before],
    change: setUser(user, stopped),
    after: { ...(isLast && lastAlso ? lastAlso(gone) : gone), withinMs: STOPS_WITHIN_MS },
    undo: {
      change: setUser(user, now),
      before: [userRuns(user, stopped), ...undoBefore],
      after: { ...startedPodsReady(user, now), withinMs: STARTS_WITHIN_MS },
    },
    holds: [holdOf(user), ...holds],
    warnings: warningsOf(stopping, user),
  };
}

function warningsOf({ until, warnings }: Stopping, user: StoppableUser): readonly string[] {
  return [
    `It is down until ${until}; how it ran (${user.kind === 'CronJob' ? 'not suspended' : `replicas: ${user.runs}`}) is noted at it.`,
    ...(warnings?.(user) ?? []),
    ...(isAuthentik(user) ? [AUTHENTIK] : []),
    ...(user.autoscaler === undefined
      ? []
      : [`HorizontalPodAutoscaler ${user.autoscaler} leaves it alone while it is at 0, and sets its number again afterwards.`]),
    `An apply of Terraform meanwhile would start it again: wait with it until ${until}.`,
  ];
}

const AUTHENTIK =
  'Without Authentik nobody can log in to what it protects: open what is needed meanwhile before this is approved. Approvals in Slack go on.';

function isAuthentik({ namespace, name }: User): boolean {
  return namespace === 'authentik' || name.startsWith('authentik');
}

function startStep(starting: Starting, user: StoppableUser, isFirst: boolean): Step {
  const { because, before, firstBefore = [], firstGone, holds, stoppedFor, undoBefore = [], undoWarnings } = starting;
  requireByHand(user);
  // Who was started by somebody else meanwhile keeps running as it does, and only the note goes.
  const running: Runs = { runs: user.runs > 0 ? user.runs : (user.ranBefore ?? 0), ...noteOf(stoppedFor, null) };
  const stopped: Runs = { ...runsNow(user), ...noteOf(stoppedFor, user.stoppedFor ?? null) };
  const gone = stopped.runs > 0 ? startedUserRuns(user, stopped) : noPodLeft(user, stopped);
  return {
    title: `Let ${nameOf(user)} run ${running.runs} again`,
    because,
    before: [userRuns(user, stopped), ...before, ...(isFirst ? firstBefore : [])],
    change: setUser(user, running),
    after: { ...startedPodsReady(user, running), withinMs: STARTS_WITHIN_MS },
    undo: {
      change: setUser(user, stopped),
      before: [startedUserRuns(user, running), ...undoBefore],
      after: { ...(isFirst && firstGone ? firstGone(gone) : gone), withinMs: STOPS_WITHIN_MS },
      ...(undoWarnings && { warnings: undoWarnings(user) }),
    },
    holds: [holdOf(user), ...holds],
    warnings: [
      `Look at the application itself afterwards: that its pods are ready does not say that its data are the right ones.`,
    ],
  };
}

function noteOf(stoppedFor: string | undefined, noted: string | null): Pick<Runs, 'stoppedFor'> {
  return stoppedFor === undefined ? {} : { stoppedFor: noted };
}

function holdOf({ namespace, name }: User): Hold {
  return changes('workload', `${namespace}/${name}`);
}

/** `findDependants` names them as `notByHand`: whoever plans to stop one has not asked it. */
function requireByHand(user: User): void {
  if (user.owner === undefined && user.kind !== 'DaemonSet') return;
  throw new Refusal(
    'bad-request',
    `${nameOf(user)} is looked after by its operator, or runs on every node: it is not scaled by hand`,
  );
}
