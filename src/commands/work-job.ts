import { z } from 'zod';
import type { Read, Risk } from '../core/command.ts';
import { defineChange, defineRead, kubernetes } from '../core/command.ts';
import type { ObjectName, Resource } from '../core/kubernetes.ts';
import type { Output } from '../core/output.ts';
import type { WorkState } from '../core/plan.ts';
import { requireDeadline, requireWorkName, told } from './work.ts';
import type { StartedWork } from './work-unit.ts';

const PODS: Resource = { apiVersion: 'v1', plural: 'pods', namespaced: true };
const JOBS: Resource = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };

export interface NewJob {
  readonly namespace: string;
  /** From `workNamed`. */
  readonly name: string;
  /** The `spec` of its pod, without `restartPolicy`. */
  readonly pod: Readonly<Record<string, unknown>>;
  /** Kubernetes ends the work after this time and calls it failed. */
  readonly deadlineS: number;
  readonly risk: Risk;
}

/**
 * Work in the cluster, as a Job that is tried once and kept after its end: the name stays taken, so that a second creation is
 * refused. Kubernetes itself may, rarely, start a second pod for a Job; here not before the first one has ended.
 */
export function jobWork(job: NewJob): StartedWork {
  return started(job, specOf(job));
}

/** A run of a CronJob, as its controller makes it. */
export interface NewRun {
  readonly namespace: string;
  /** From `workNamed`. */
  readonly name: string;
  readonly cronJob: string;
  /** That the CronJob gives its Jobs. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly template: JobTemplate;
  readonly risk: Risk;
}

/** Of a CronJob, with every field that it has. */
export const JobTemplate = z.looseObject({
  activeDeadlineSeconds: z.number().optional(),
  template: z.looseObject({
    metadata: z.looseObject({ labels: z.record(z.string(), z.string()).optional() }).optional(),
    spec: z.looseObject({}),
  }),
});
export type JobTemplate = z.output<typeof JobTemplate>;

/** For what a Job of the bot was made: its CronJob. */
export const RUN_OF = 'storagebot/run-of';

/**
 * A run of a CronJob beside its schedule: its very template, but kept after its end, so that what it says can be read. Unlike
 * what `kubectl create job --from` makes, it is not the CronJob's own: that one's history limits would delete it, also at once.
 */
export function runOfCronJob({ namespace, name, cronJob, labels: own = {}, template, risk }: NewRun): StartedWork {
  const { ttlSecondsAfterFinished: _kept, template: pod, ...spec } = template;
  const labels = { ...pod.metadata?.labels, ...labelsOf(name) };
  const whole = { ...spec, template: { ...pod, metadata: { ...pod.metadata, labels } } };
  return started({ namespace, name, risk }, whole, { ...own, [RUN_OF]: cronJob });
}

function started(
  { namespace, name, risk }: Pick<NewJob, 'namespace' | 'name' | 'risk'>,
  spec: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, string>> = {},
): StartedWork {
  const named = { resource: JOBS, namespace, name: requireWorkName(name) };
  const labels = { ...more, ...labelsOf(name) };
  const create = kubernetes({ verb: 'create', ...named, kind: 'Job', labels, spec }, 15_000);
  const stop = kubernetes({ verb: 'delete', ...named, propagationPolicy: 'Foreground' }, 15_000);
  return {
    change: defineChange({ command: create, risk }),
    work: {
      name: `${namespace}/${name}`,
      state: jobState(named),
      stop: defineChange({ command: stop, risk: 'normal' }),
      outlivesTarget: true,
      lastWords: lastWordsOf(namespace, name),
    },
  };
}

function labelsOf(name: string) {
  return { 'app.kubernetes.io/managed-by': 'storagebot', 'storagebot/work': name };
}

function specOf({ name, pod, deadlineS }: NewJob): Readonly<Record<string, unknown>> {
  return {
    backoffLimit: 0,
    completions: 1,
    parallelism: 1,
    activeDeadlineSeconds: requireDeadline(deadlineS),
    // Servers before 1.28 leave this out.
    podReplacementPolicy: 'Failed',
    template: { metadata: { labels: labelsOf(name) }, spec: { ...pod, restartPolicy: 'Never' } },
  };
}

/** From its pod, while that is there: kubelet keeps the end of the log where the container asks for it. */
function lastWordsOf(namespace: string, name: string): Read<string> {
  return defineRead({
    asks: `What did the pod of Job ${namespace}/${name} write last?`,
    command: kubernetes({ verb: 'list', resource: PODS, namespace, labelSelector: `storagebot/work=${name}` }),
    answers: [0],
    parse: ({ stdout }) => {
      const messages = Pods.parse(JSON.parse(stdout)).items.flatMap(({ status }) =>
        status.containerStatuses.map(({ state }) => state?.terminated?.message ?? ''),
      );
      return told(
        messages
          .join(' ')
          .trim()
          .split(/\s*\n\s*/)
          .slice(-3)
          .join(' / '),
      );
    },
  });
}

const Terminated = z.object({ terminated: z.object({ message: z.string().default('') }).optional() });
const Pods = z.object({
  items: z.array(
    z.object({
      status: z.object({ containerStatuses: z.array(z.object({ state: Terminated.optional() })).default([]) }).prefault({}),
    }),
  ),
});

function jobState(named: ObjectName): Read<WorkState> {
  return defineRead<WorkState>({
    asks: `How far is Job ${named.namespace}/${named.name}?`,
    command: kubernetes({ verb: 'get', ...named }),
    answers: [0, 1],
    parse: (output) => parseJobState(output, named.name),
  });
}

const Condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().default(''),
  message: z.string().default(''),
});

const Job = z.object({
  kind: z.literal('Job'),
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({ suspend: z.boolean().default(false) }),
  status: z
    .object({
      startTime: z.string().optional(),
      active: z.number().default(0),
      ready: z.number().default(0),
      conditions: z.array(Condition).default([]),
    })
    .default({ active: 0, ready: 0, conditions: [] }),
});
type Job = z.output<typeof Job>;

/** Throws for an error that is not the absence of this Job, and for a Job that the bot did not make. */
function parseJobState({ exitCode, stdout, stderr }: Output, name: string): WorkState {
  if (exitCode !== 0) {
    if (stderr.trim() === `Error from server (NotFound): jobs.batch "${name}" not found`) return { is: 'absent' };
    throw new Error(stderr);
  }
  const job = Job.parse(JSON.parse(stdout));
  const { labels } = job.metadata;
  const isOurs = Object.entries(labelsOf(name)).every(([label, value]) => labels[label] === value);
  if (job.metadata.name !== name || !isOurs) throw new Error(`Job ${name} was not made by storagebot`);
  return stateOf(job);
}

/** Conditions of its end come first: a Job that has ended can be on its way out. */
function stateOf({ metadata, spec, status }: Job): WorkState {
  const condition = (type: string) => status.conditions.find((each) => each.type === type && each.status === 'True');
  if (condition('Complete') !== undefined) return { is: 'succeeded' };
  const failed = condition('Failed');
  if (failed !== undefined) return { is: 'failed', says: reasonOf(failed) };
  if (metadata.deletionTimestamp !== undefined) return { is: 'running', progress: 'is being stopped' };
  const failing = condition('FailureTarget');
  if (failing !== undefined) return { is: 'running', progress: `is being ended: ${reasonOf(failing)}` };
  if (spec.suspend) return { is: 'running', progress: 'is suspended' };
  return { is: 'running', progress: progressOf(status) };
}

function reasonOf({ reason, message }: z.output<typeof Condition>): string {
  const parts = [reason, message].filter((part) => part !== '');
  return parts.length === 0 ? 'Kubernetes gives no reason.' : told(parts.join(': '));
}

function progressOf({ startTime, active, ready }: Job['status']): string {
  const began = startTime === undefined ? 'not taken up yet' : `running since ${told(startTime)}`;
  if (active === 0) return `${began}, without a pod`;
  return ready === 0 ? `${began}, its pod is not ready` : began;
}
