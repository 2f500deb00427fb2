import { addBackups, postgresDumpOf, postgresNights } from '../site/databases/backups.ts';
import { uidOf } from '../site/ids.ts';
import { dropSnapshot, keepSnapshot } from '../site/snapshots.ts';
import type { World } from '../site/world.ts';
import {
  at,
  CRON_JOBS,
  DAY_MS,
  DENIED,
  dropNewest,
  failing,
  metric,
  PATH,
  POSTGRES,
  replaceNewest,
  schedule,
  usual,
} from './backup-changes.ts';
import type { Scenario } from './scenario.ts';

const HOUR_MS = 3_600_000;

/** As it was, and as a run by hand through the bot left it. */
function madeByHand(world: World): void {
  failing(world);
  const labels = {
    'app.kubernetes.io/managed-by': 'storagebot',
    'storagebot/work': 'storagebot-9c1d2e3f40-1-backup',
    'storagebot/run-of': POSTGRES.name,
  };
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: labels['storagebot/work'], namespace: POSTGRES.namespace, creationTimestamp: at(world, 3), labels },
    spec: { parallelism: 1, completions: 1, backoffLimit: 3 },
    status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: at(world, 2.9) }] },
  });
  const path = `${PATH}/dump_2026_04_03_06_00.sql.gz`;
  addBackups(world, [
    { path, bytes: 11_550_112, writtenMs: world.time.nowMs - 3 * HOUR_MS + 41_000, content: postgresDumpOf(0) },
  ]);
}

/** Its pod runs for two days: the NFS under it does not answer. */
function hanging(world: World): void {
  usual(world);
  dropNewest(world, postgresNights(world), 2);
  world.store.patch(POSTGRES, { status: { lastScheduleTime: at(world, 57), lastSuccessfulTime: at(world, 81) } });
  const name = 'postgresql-backup-29582880';
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: POSTGRES.name,
    uid: uidOf('cron/dbaas/postgresql-backup'),
    controller: true,
  };
  world.longWork.runsMs = 30 * DAY_MS;
  const uid = uidOf(`Job/dbaas/${name}`);
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: POSTGRES.namespace, uid, creationTimestamp: at(world, 57), ownerReferences: [owner] },
    spec: { parallelism: 1, completions: 1, backoffLimit: 3, suspend: false },
    status: { active: 1 },
  });
  const job = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
  world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-x7k2p`, namespace: POSTGRES.namespace, uid: uidOf(`pod/${name}`), ownerReferences: [job] },
    spec: { nodeName: 'k8s-node2', containers: [{ name: 'postgresql-backup' }] },
    status: { phase: 'Running' },
  });
}

/** Nothing is started, and the CronJob's own events say why. */
function jobDenied(world: World): void {
  usual(world);
  dropNewest(world, postgresNights(world), 3);
  world.store.patch(POSTGRES, { status: { lastScheduleTime: at(world, 81), lastSuccessfulTime: at(world, 81) } });
  const { namespace, name } = POSTGRES;
  world.store.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.18a1f3c2d4e5f608`, namespace },
    involvedObject: { kind: 'CronJob', apiVersion: 'batch/v1', namespace, name },
    type: 'Warning',
    reason: 'FailedCreate',
    message: DENIED.replace('Error creating:', 'Error creating job:').replace(
      'Pod/dbaas/postgresql-backup-29585760-x7k2m',
      'Job/dbaas/postgresql-backup-29586240',
    ),
    count: 1,
    firstTimestamp: at(world, 0.5),
    lastTimestamp: at(world, 0.5),
    source: { component: 'cronjob-controller' },
  });
}

/** A directory with the key alone, ten minutes old. */
function halfMade(world: World): void {
  usual(world);
  const content = { kind: 'sqlite', file: 'db.sqlite3', integrity: 'ok', tables: {}, files: ['rsa_key.pem'] } as const;
  const path = '/mnt/main/vaultwarden-backup/2026_04_03_08_50';
  addBackups(world, [{ path, bytes: 0, writtenMs: world.time.nowMs - 600_000, content }]);
}

/** In place of the usual one. */
function sentLast({ nas: { disk }, time }: World, daysAgo: number, short = 'cloudsync-prev'): void {
  const main = disk.datasets.find(({ name }) => name === 'main');
  const last = disk.snapshots.find((each) => each.dataset === 'main' && each.short === 'cloudsync-prev');
  // Without ZFS nothing is copied out of snapshots.
  if (disk.datasets.length === 0) return;
  if (main === undefined || last === undefined) throw new Error('The lab copies nothing off the site');
  dropSnapshot(disk, last);
  keepSnapshot(disk, main, { short, createdMs: time.nowMs - daysAgo * DAY_MS });
}

/** Runs that do not end, are not started, or were made by hand; and what they leave. */
export const backupRuns: readonly Scenario[] = [
  {
    name: 'backups-only-by-hand',
    says: 'The dump fails each night; this morning the bot ran it by hand, and that succeeded.',
    prepare: madeByHand,
  },
  {
    name: 'backups-hanging',
    says: 'The dump of two nights ago still runs, and beside it no other is started.',
    prepare: hanging,
  },
  {
    name: 'backups-multi-attach-for-days',
    says: 'The weekly backup of Nextcloud waits on another node, and for twelve days nothing else was started.',
    prepare: (world) => {
      usual(world);
      const job = { resource: CRON_JOBS, namespace: 'nextcloud', name: 'nextcloud-backup' };
      schedule(world, job, { claims: ['nextcloud-data-proxmox', 'nextcloud-backup'], node: 'k8s-node4' });
      world.store.patch(job, { status: { lastScheduleTime: at(world, 12 * 24), lastSuccessfulTime: at(world, 19 * 24) } });
      world.time.advance(15 * 60_000);
    },
  },
  {
    name: 'backups-job-denied',
    says: 'A policy refuses the Jobs of the dump, so that the CronJob starts nothing.',
    prepare: jobDenied,
  },
  {
    name: 'backups-half-made',
    says: 'The last copy of the passwords failed in between: its directory has no database.',
    prepare: halfMade,
  },
  {
    name: 'backups-of-the-future',
    says: 'The newest dump has a time of next year.',
    prepare: (world) => {
      usual(world);
      replaceNewest(world, postgresNights(world), { writtenMs: world.time.nowMs + 365 * DAY_MS });
    },
  },
  {
    name: 'backups-offsite-stale',
    says: 'For ten days nothing was copied off the site.',
    prepare: (world) => {
      usual(world);
      sentLast(world, 10);
    },
  },
  {
    name: 'backups-offsite-broken',
    says: 'A copy off the site broke off this morning, and somebody destroyed the snapshot of the one before.',
    prepare: (world) => {
      usual(world);
      sentLast(world, 0.125, 'cloudsync-new');
    },
  },
  {
    name: 'backups-push-failed',
    says: 'The dump is made each night, and what it tells Pushgateway has not arrived for two days.',
    prepare: (world) => {
      usual(world);
      const untilMs = world.time.nowMs - 2 * DAY_MS;
      const pushed = { __name__: 'backup_last_success_timestamp', job: POSTGRES.name };
      metric(world, pushed, (timeMs) => (timeMs < untilMs ? Math.floor(timeMs / DAY_MS) * 86_400 + 44 : undefined));
    },
  },
];
