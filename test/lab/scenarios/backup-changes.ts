import {
  addBackups,
  addUsualBackups,
  type LabBackup,
  postgresDumpOf,
  postgresNights,
  removeBackups,
  vaultwardenBackups,
} from '../site/databases/backups.ts';
import { uidOf } from '../site/ids.ts';
import { scheduleJob } from '../site/scheduled-job.ts';
import { timestamp } from '../site/time.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';

export const CRON_JOBS = kind('batch/v1', 'cronjobs');
const VOLUMES = kind('v1', 'persistentvolumes');

export const POSTGRES = { resource: CRON_JOBS, namespace: 'dbaas', name: 'postgresql-backup' };
export const VAULTWARDEN = { resource: CRON_JOBS, namespace: 'vaultwarden', name: 'vaultwarden-backup' };
export const PATH = '/mnt/main/postgresql-backup';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export function at(world: World, hoursAgo: number): string {
  return timestamp(world.time.nowMs - hoursAgo * HOUR_MS);
}

/** What all jobs have left; a run that is made by hand takes half a minute. */
export function usual(world: World): void {
  addUsualBackups(world);
  world.longWork.runsMs = 30_000;
}

/** The newest of these are not there. */
export function dropNewest(world: World, list: readonly LabBackup[], count: number): void {
  removeBackups(
    world,
    list.slice(0, count).map(({ path }) => path),
  );
}

export function replaceNewest(world: World, [newest]: readonly LabBackup[], change: Partial<LabBackup>): void {
  if (newest === undefined) throw new Error('The lab has no such backup');
  addBackups(world, [{ ...newest, ...change }]);
}

/** Started each night, and without success since the night of the first of April. */
export function failing(world: World, cron = POSTGRES): void {
  usual(world);
  const spec = { startingDeadlineSeconds: 10, jobTemplate: { spec: { ttlSecondsAfterFinished: 10 } } };
  world.store.patch(cron, { spec, status: { lastScheduleTime: at(world, 9), lastSuccessfulTime: at(world, 57) } });
  const isVaultwarden = cron === VAULTWARDEN;
  dropNewest(world, isVaultwarden ? vaultwardenBackups(world) : postgresNights(world), isVaultwarden ? 8 : 2);
}

/** A Job of the nightly run, as the controller leaves it without a pod. */
export function jobWithoutPod(world: World, { status = {} }: { status?: Record<string, unknown> } = {}): string {
  const name = 'postgresql-backup-29585760';
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: POSTGRES.name,
    uid: uidOf('cron/dbaas/postgresql-backup'),
    controller: true,
  };
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: POSTGRES.namespace, creationTimestamp: at(world, 9), ownerReferences: [owner] },
    spec: { parallelism: 1, completions: 1, backoffLimit: 3, suspend: false },
    status,
  });
  return name;
}

export function notCreated(world: World, message: string): void {
  failing(world);
  const name = jobWithoutPod(world);
  world.store.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.18a1f3c2d4e5f607`, namespace: POSTGRES.namespace },
    involvedObject: { kind: 'Job', apiVersion: 'batch/v1', namespace: POSTGRES.namespace, name },
    type: 'Warning',
    reason: 'FailedCreate',
    message,
    count: 7,
    firstTimestamp: at(world, 9),
    lastTimestamp: at(world, 8),
    source: { component: 'job-controller' },
  });
}

export const DENIED =
  'Error creating: admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/dbaas/postgresql-backup-29585760-x7k2m was blocked due to the following policies require-trusted-registries: validate-registries: image postgres:16.4-bullseye is of no trusted registry';
export const QUOTA =
  'Error creating: pods "postgresql-backup-29585760-x7k2m" is forbidden: exceeded quota: dbaas, requested: limits.memory=512Mi, used: limits.memory=8Gi, limited: limits.memory=8Gi';

/** A run that is on, of which nothing more is told. */
export function schedule(
  world: World,
  { namespace, name }: typeof POSTGRES,
  { claims, node }: { claims: readonly string[]; node: string },
): void {
  world.longWork.runsMs = DAY_MS;
  scheduleJob(world, { namespace, name: `${name}-29586240`, cronJob: name, claims, node });
}

export function metric(
  world: World,
  labels: Readonly<Record<string, string>>,
  pick: (timeMs: number) => number | undefined,
): void {
  world.monitoring.more.push({ labels: { instance: 'pushgateway', ...labels }, at: pick });
}

/** What the job pushed each night until Pushgateway was started again. */
export function gatewayRestarted(world: World): void {
  usual(world);
  const sinceMs = world.time.nowMs - 2 * HOUR_MS;
  const pushed = { __name__: 'backup_last_success_timestamp', job: POSTGRES.name };
  metric(world, pushed, (timeMs) => (timeMs < sinceMs ? Math.floor(timeMs / DAY_MS) * 86_400 + 44 : undefined));
  const process = { __name__: 'process_start_time_seconds', job: 'prometheus-pushgateway' };
  metric(world, process, () => sinceMs / 1_000);
}

/** Succeeds each night, and nothing comes where it should. */
export function elsewhere(world: World): void {
  usual(world);
  dropNewest(world, postgresNights(world), 3);
}

export function volumeElsewhere(world: World): void {
  elsewhere(world);
  const name = { resource: VOLUMES, name: 'dbaas-postgresql-backup' };
  world.store.patch(name, { spec: { csi: { volumeAttributes: { share: '/mnt/main/postgresql-backup-old' } } } });
}

export function hidden(world: World): void {
  usual(world);
  world.nas.disk.addDataset('main/postgresql-backup', PATH);
}

export function emptyLinkwarden(world: World): void {
  usual(world);
  addBackups(
    world,
    postgresNights(world).map((night, ago) => {
      const content = postgresDumpOf(ago);
      const tables = Object.fromEntries(Object.keys(content.databases['linkwarden']?.tables ?? {}).map((table) => [table, 0]));
      return {
        ...night,
        content: { ...content, databases: { ...content.databases, linkwarden: { owner: 'linkwarden', tables } } },
      };
    }),
  );
}

/** Made today, and not yet started. */
export function newJob(world: World): void {
  const { spec } = world.store.get(POSTGRES);
  world.store.delete(POSTGRES, {});
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: POSTGRES.name, namespace: POSTGRES.namespace, creationTimestamp: at(world, 1) },
    spec,
    status: {},
  });
  usual(world);
  dropNewest(world, postgresNights(world), 14);
}

export function truncate(world: World): void {
  usual(world);
  replaceNewest(world, postgresNights(world), {
    bytes: 3_251_200,
    content: { ...postgresDumpOf(0), isTruncated: true, brokenGzip: true },
  });
}
