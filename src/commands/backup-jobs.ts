import { z } from 'zod';
import { defineRead, kubernetes, prometheus } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';
import { samplesOf } from './prometheus.ts';
import { JobTemplate, RUN_OF } from './work-job.ts';

const JOBS: Resource = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };
const CRON_JOBS: Resource = { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true };

function seconds(time: string | null | undefined): number | undefined {
  return time ? Date.parse(time) / 1000 : undefined;
}

const Claims = z
  .array(z.object({ persistentVolumeClaim: z.object({ claimName: z.string() }).optional() }))
  .default([])
  .transform((volumes) => volumes.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []));

const BackupSchedule = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      creationTimestamp: z.string(),
      annotations: z.record(z.string(), z.string()).default({}),
    }),
    spec: z.object({
      schedule: z.string(),
      suspend: z.boolean().default(false),
      startingDeadlineSeconds: z.number().nullish(),
      jobTemplate: z.object({
        spec: z.object({
          ttlSecondsAfterFinished: z.number().nullish(),
          template: z.object({ spec: z.object({ volumes: Claims }) }),
        }),
      }),
    }),
    status: z.object({ lastScheduleTime: z.string().nullish(), lastSuccessfulTime: z.string().nullish() }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    /** All times are seconds since 1970. */
    createdAt: Date.parse(metadata.creationTimestamp) / 1000,
    schedule: spec.schedule,
    suspended: spec.suspend,
    /** The bot suspended it itself, for a change that it has not finished. */
    suspendedByBot: metadata.annotations['storagebot/ran-before'] !== undefined,
    startingDeadlineS: spec.startingDeadlineSeconds ?? undefined,
    /** How long its Jobs and their pods are kept after their end. */
    keptS: spec.jobTemplate.spec.ttlSecondsAfterFinished ?? undefined,
    claims: spec.jobTemplate.spec.template.spec.volumes,
    scheduledAt: seconds(status.lastScheduleTime),
    succeededAt: seconds(status.lastSuccessfulTime),
  }));
export type BackupSchedule = z.output<typeof BackupSchedule>;

/** The CronJobs with what their last runs came to; by the same line as other lists of them. */
export function backupSchedules() {
  return defineRead<readonly BackupSchedule[]>({
    asks: 'When did the CronJobs of the cluster run, and when did they succeed?',
    command: kubernetes({ verb: 'list', resource: CRON_JOBS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(BackupSchedule) }).parse(JSON.parse(stdout)).items,
  });
}

const WholeCronJob = z
  .object({
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    spec: z.object({
      jobTemplate: z.object({
        metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }).prefault({}),
        spec: JobTemplate,
      }),
    }),
  })
  .transform(({ metadata, spec: { jobTemplate } }) => ({
    ...metadata,
    /** Of its Jobs, beside those of their pods. */
    labels: jobTemplate.metadata.labels,
    template: jobTemplate.spec,
  }));

/** What the CronJobs of the cluster run, with every field. */
export function jobTemplates() {
  return defineRead<readonly z.output<typeof WholeCronJob>[]>({
    asks: 'What do the CronJobs of the cluster run?',
    command: kubernetes({ verb: 'list', resource: CRON_JOBS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(WholeCronJob) }).parse(JSON.parse(stdout)).items,
  });
}

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

const BackupRun = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      creationTimestamp: z.string(),
      labels: z.record(z.string(), z.string()).default({}),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: z.object({ suspend: z.boolean().default(false) }),
    status: z.object({ active: z.number().nullish(), conditions: z.array(Condition).default([]) }).prefault({}),
  })
  .transform(({ metadata, status }) => {
    const failed = status.conditions.find(({ type, status: is }) => type === 'Failed' && is === 'True');
    const hasEnded = status.conditions.some(({ type, status: is }) => /^(Failed|Complete)$/.test(type) && is === 'True');
    return {
      name: metadata.name,
      namespace: metadata.namespace,
      createdAt: Date.parse(metadata.creationTimestamp) / 1000,
      cronJob: metadata.ownerReferences.find(({ kind }) => kind === 'CronJob')?.name ?? metadata.labels[RUN_OF],
      isOfBot: metadata.labels['app.kubernetes.io/managed-by'] === 'storagebot',
      /** Neither complete nor failed yet, whether or not it has a pod. */
      isRunning: !hasEnded,
      failure: failed === undefined ? undefined : [failed.reason, failed.message].filter((part) => part !== '').join(': '),
    };
  });
export type BackupRun = z.output<typeof BackupRun>;

/** All Jobs, with whose they are and how they ended. */
export function backupRuns() {
  return defineRead<readonly BackupRun[]>({
    asks: 'Which Jobs does the cluster have, and how did they end?',
    command: kubernetes({ verb: 'list', resource: JOBS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(BackupRun) }).parse(JSON.parse(stdout)).items,
  });
}

/** What jobs told Pushgateway, by their names there: seconds since 1970, 0 where it never succeeded. */
export interface Pushed {
  readonly succeededAt: ReadonlyMap<string, number>;
  /** Whether the hourly check of a service's SQLite database was content; it is not either where it could not look. */
  readonly isSourceOk: ReadonlyMap<string, boolean>;
  /** Since when Pushgateway runs, in seconds since 1970: what was pushed before may be lost. */
  readonly gatewaySince?: number;
}

const SUCCESS = 'backup_last_success_timestamp';
const CHECK = '_sqlite_integrity_ok';
const GATEWAY = 'process_start_time_seconds{job=~".*pushgateway.*"}';

export function pushed() {
  return defineRead<Pushed>({
    asks: 'What did the backup jobs tell Pushgateway last, and since when does it run?',
    command: prometheus(`${SUCCESS} or {__name__=~".+${CHECK}"} or ${GATEWAY}`),
    answers: [0],
    parse: (output) => {
      const samples = samplesOf(output).map(({ labels, value }) => ({ name: labels['__name__'] ?? '', labels, value }));
      const since = samples.filter(({ name }) => name === 'process_start_time_seconds').map(({ value }) => value);
      return {
        succeededAt: new Map(samples.filter(({ name }) => name === SUCCESS).map(({ labels, value }) => [jobOf(labels), value])),
        isSourceOk: new Map(
          samples
            .filter(({ name }) => name.endsWith(CHECK))
            .map(({ name, value }) => [name.slice(0, -CHECK.length), value === 1]),
        ),
        ...(since.length > 0 && { gatewaySince: Math.max(...since) }),
      };
    },
  });
}

/** The jobs that told Pushgateway of a success a week ago: others never do. */
export function pushedBefore() {
  return defineRead<ReadonlySet<string>>({
    asks: 'Which backup jobs had told Pushgateway of a success a week ago?',
    command: prometheus(`${SUCCESS} offset 7d`),
    answers: [0],
    parse: (output) => new Set(samplesOf(output).map(({ labels }) => jobOf(labels))),
  });
}

/** Where Prometheus does not keep the pushed label, its own for the scrape has that place. */
function jobOf(labels: Readonly<Record<string, string>>): string {
  const job = labels['exported_job'] ?? labels['job'];
  if (job === undefined) throw new Error('a time of no job');
  return job;
}
