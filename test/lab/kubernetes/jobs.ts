import type { Output } from '../../../src/core/output.ts';
import { at, type KubeObject } from './object.ts';
import type { Objects } from './objects.ts';
import { resourceOfKind } from './resources.ts';

/** How long the pod of a Job runs, and how it ends. */
export interface JobScript {
  readonly runsMs: number;
  readonly exitCode: number;
  /** What it has done as soon as it runs, even where it is ended before its time. */
  readonly begin?: () => void;
  /** What it does by the time that it ends by itself, and how that ends. */
  readonly run?: () => Pick<Output, 'exitCode' | 'stderr'>;
}

export interface JobClock {
  readonly nowMs: number;
  readonly after: (delayMs: number, run: () => void) => void;
}

const JOBS = resourceOfKind('batch/v1', 'Job');
const PODS = resourceOfKind('v1', 'Pod');

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

function takeUp(objects: Objects, clock: JobClock, { job, script }: Taken): void {
  const startTime = timestamp(clock.nowMs);
  if (!change(objects, job, { status: { startTime, active: 1, ready: 1 } })) return;
  script.begin?.();
  const deadlineS = at(job, 'spec', 'activeDeadlineSeconds');
  const deadlineMs = typeof deadlineS === 'number' ? deadlineS * 1_000 : Number.POSITIVE_INFINITY;
  const isLate = script.runsMs > deadlineMs;
  clock.after(Math.min(script.runsMs, deadlineMs), () => {
    if (!isThere(objects, job)) return;
    const { exitCode, stderr } = isLate || script.run === undefined ? { ...script, stderr: '' } : script.run();
    const [type, reason, message] = ending(isLate, exitCode);
    if (exitCode !== 0 && !isLate) leavePod(objects, job, { exitCode, message: stderr });
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

/** The pod of a Job that failed stays, with the end of its log where its container asks for that. */
function leavePod(objects: Objects, { metadata, spec }: KubeObject, terminated: { exitCode: number; message: string }): void {
  const containers = at(spec, 'template', 'spec', 'containers');
  const container = Array.isArray(containers) ? at(containers[0], 'name') : undefined;
  const { name, namespace = '', uid, labels = {} } = metadata;
  if (PODS === undefined || typeof container !== 'string') return;
  objects.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${uid.slice(0, 5)}`,
      namespace,
      labels: { ...labels, 'job-name': name },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
    },
    spec: { containers: [{ name: container }], restartPolicy: 'Never' },
    status: {
      phase: 'Failed',
      containerStatuses: [{ name: container, state: { terminated: { reason: 'Error', ...terminated } } }],
    },
  });
}

/** False where this very Job is gone. */
function change(objects: Objects, job: KubeObject, patch: Record<string, unknown>): boolean {
  if (JOBS === undefined || !isThere(objects, job)) return false;
  const { name, namespace = '' } = job.metadata;
  objects.patch({ resource: JOBS, namespace, name }, patch);
  return true;
}

function isThere(objects: Objects, { metadata: { namespace = '', uid } }: KubeObject): boolean {
  return JOBS !== undefined && objects.list({ resource: JOBS, namespace }).some(({ metadata }) => metadata.uid === uid);
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
