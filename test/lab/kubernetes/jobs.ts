import { at, type KubeObject } from './object.ts';
import type { Objects } from './objects.ts';
import { resourceOfKind } from './resources.ts';

/** How long the pod of a Job runs, and how it ends. */
export interface JobScript {
  readonly runsMs: number;
  readonly exitCode: number;
}

export interface JobClock {
  readonly nowMs: number;
  readonly after: (delayMs: number, run: () => void) => void;
}

const JOBS = resourceOfKind('batch/v1', 'Job');

/** How long the controller takes to see a new Job, and a pod to end when its Job is deleted. */
const SEES_AFTER_MS = 1_000;
const ENDS_AFTER_MS = 2_000;

/** Carries out Jobs as their controller would, without pods: takes them up, ends them, and removes those that are deleted. */
export function controlJobs(objects: Objects, clock: JobClock, scriptOf: (job: KubeObject) => JobScript): void {
  objects.onChange(({ type, object }) => {
    if (object.kind !== 'Job') return;
    if (type === 'ADDED') clock.after(SEES_AFTER_MS, () => takeUp(objects, clock, { job: object, script: scriptOf(object) }));
    const waits = object.metadata.finalizers?.includes('foregroundDeletion') === true;
    if (type === 'MODIFIED' && waits && object.metadata.deletionTimestamp !== undefined) {
      clock.after(ENDS_AFTER_MS, () => void change(objects, object, { metadata: { finalizers: null } }));
    }
  });
}

interface Taken {
  readonly job: KubeObject;
  readonly script: JobScript;
}

function takeUp(objects: Objects, clock: JobClock, { job, script: { runsMs, exitCode } }: Taken): void {
  const startTime = timestamp(clock.nowMs);
  if (!change(objects, job, { status: { startTime, active: 1, ready: 1 } })) return;
  const deadlineS = at(job, 'spec', 'activeDeadlineSeconds');
  const deadlineMs = typeof deadlineS === 'number' ? deadlineS * 1_000 : Number.POSITIVE_INFINITY;
  const [type, reason, message] = ending(runsMs > deadlineMs, exitCode);
  clock.after(Math.min(runsMs, deadlineMs), () => {
    const condition = { type, status: 'True', reason, message, lastTransitionTime: timestamp(clock.nowMs) };
    const ended = type === 'Complete' ? { succeeded: 1, completionTime: timestamp(clock.nowMs) } : { failed: 1 };
    change(objects, job, { status: { active: null, ready: 0, ...ended, conditions: [condition] } });
  });
}

/** The words of the Job controller (pkg/controller/job/job_controller.go). */
function ending(isLate: boolean, exitCode: number): readonly [type: string, reason: string, message: string] {
  if (isLate) return ['Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline'];
  if (exitCode !== 0) return ['Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit'];
  return ['Complete', 'CompletionsReached', 'Reached expected number of succeeded pods'];
}

/** False where this very Job is gone. */
function change(
  objects: Objects,
  { metadata: { name, namespace = '', uid } }: KubeObject,
  patch: Record<string, unknown>,
): boolean {
  if (JOBS === undefined) return false;
  const found = objects.list({ resource: JOBS, namespace }).find(({ metadata }) => metadata.uid === uid);
  if (found === undefined) return false;
  objects.patch({ resource: JOBS, namespace, name }, patch);
  return true;
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
