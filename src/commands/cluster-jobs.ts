import { z } from 'zod';
import { defineChange, defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';

const JOBS: Resource = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };
const CRON_JOBS: Resource = { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true };

const Owner = z.object({ apiVersion: z.string(), kind: z.string(), name: z.string() });
const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  ownerReferences: z.array(Owner).default([]),
});

const Job = z
  .object({
    metadata: Metadata,
    spec: z.object({ suspend: z.boolean().default(false) }),
    status: z.object({ active: z.number().nullish(), startTime: z.string().nullish() }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    owners: metadata.ownerReferences,
    suspended: spec.suspend,
    /** Pods that run or wait to. */
    active: status.active ?? 0,
  }));
export type Job = z.output<typeof Job>;

/** All Jobs. One that does not parse makes the list "could not look". */
export function jobs() {
  return defineRead<readonly Job[]>({
    asks: 'Which Jobs does the cluster have?',
    command: kubernetes({ verb: 'list', resource: JOBS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(Job) }).parse(JSON.parse(stdout)).items,
  });
}

export function jobNamed(namespace: string, name: string) {
  return defineRead<Job>({
    asks: `How is Job ${namespace}/${name}?`,
    command: kubernetes({ verb: 'get', resource: JOBS, namespace, name }),
    answers: [0],
    parse: ({ stdout }) => Job.parse(JSON.parse(stdout)),
  });
}

/** When a CronJob runs, and who made it. */
const Schedule = z
  .object({
    metadata: Metadata.omit({ uid: true }),
    spec: z.object({
      schedule: z.string().default('not said'),
      suspend: z.boolean().default(false),
      concurrencyPolicy: z.enum(['Allow', 'Forbid', 'Replace']).default('Allow'),
    }),
    status: z.object({ lastScheduleTime: z.string().nullish(), lastSuccessfulTime: z.string().nullish() }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    owners: metadata.ownerReferences,
    schedule: spec.schedule,
    suspended: spec.suspend,
    /** Whether it starts another Job while one of its Jobs is not over; a suspended one is not. */
    startsMore: spec.concurrencyPolicy !== 'Forbid',
    hasSucceeded: Boolean(status.lastSuccessfulTime),
    /** Seconds since 1970; absent while it has never succeeded. */
    succeededAt: status.lastSuccessfulTime ? Date.parse(status.lastSuccessfulTime) / 1000 : undefined,
    /** Seconds since 1970; absent while it has never run. */
    lastAt: status.lastScheduleTime ? Date.parse(status.lastScheduleTime) / 1000 : undefined,
  }));
export type Schedule = z.output<typeof Schedule>;

export function schedules() {
  return defineRead<readonly Schedule[]>({
    asks: 'When do the CronJobs of the cluster run?',
    command: kubernetes({ verb: 'list', resource: CRON_JOBS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(Schedule) }).parse(JSON.parse(stdout)).items,
  });
}

/** A suspended CronJob starts no Job; those that it has started go on. */
export function suspendCronJob({ namespace, name }: Pick<Schedule, 'namespace' | 'name'>, suspend: boolean) {
  const patch = { spec: { suspend } };
  return defineChange({
    command: kubernetes({ verb: 'patch', resource: CRON_JOBS, namespace, name, patch }, 15_000),
    risk: 'normal',
  });
}

/** Suspended, a Job ends its pods and keeps its place; resumed, it begins anew with new pods. */
export function suspendJob({ namespace, name }: Pick<Job, 'namespace' | 'name'>, suspend: boolean) {
  const patch = { spec: { suspend } };
  return defineChange({
    command: kubernetes({ verb: 'patch', resource: JOBS, namespace, name, patch }, 15_000),
    risk: 'normal',
  });
}
