import { addBackups, nextcloudBackups, postgresDumpOf, postgresNights, vaultwardenBackups } from '../site/databases/backups.ts';
import {
  at,
  CRON_JOBS,
  DAY_MS,
  DENIED,
  dropNewest,
  elsewhere,
  failing,
  gatewayRestarted,
  hidden,
  jobWithoutPod,
  metric,
  newJob,
  notCreated,
  PATH,
  POSTGRES,
  QUOTA,
  schedule,
  usual,
  VAULTWARDEN,
  volumeElsewhere,
} from './backup-changes.ts';
import { backupRuns } from './backup-runs.ts';
import { unexport } from './changes.ts';
import { flawedBackups } from './flawed-backups.ts';
import type { Scenario } from './scenario.ts';

export const backupScenarios: readonly Scenario[] = [
  { name: 'backups-well', says: 'All jobs have left their backups in time, and these are whole.', prepare: usual },
  {
    name: 'backups-no-cron-job',
    says: 'The CronJob that dumps PostgreSQL is gone; another namespace has one of the same name.',
    prepare: (world) => {
      usual(world);
      const { spec, status } = world.store.get(POSTGRES);
      world.store.delete(POSTGRES, {});
      const metadata = { name: POSTGRES.name, namespace: 'immich', creationTimestamp: at(world, 240) };
      world.store.create({ apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec, status });
    },
  },
  {
    name: 'backups-suspended',
    says: 'Somebody suspended the CronJob that dumps PostgreSQL three days ago.',
    prepare: (world) => {
      usual(world);
      const status = { lastScheduleTime: at(world, 81), lastSuccessfulTime: at(world, 81) };
      world.store.patch(POSTGRES, { spec: { suspend: true }, status });
      dropNewest(world, postgresNights(world), 3);
    },
  },
  {
    name: 'backups-missed',
    says: 'The controller stood still at midnight for longer than the ten seconds in which a run may begin late, three nights in a row.',
    prepare: (world) => {
      usual(world);
      const status = { lastScheduleTime: at(world, 81), lastSuccessfulTime: at(world, 81) };
      world.store.patch(POSTGRES, { spec: { startingDeadlineSeconds: 10 }, status });
      dropNewest(world, postgresNights(world), 3);
    },
  },
  {
    name: 'backups-denied',
    says: 'A policy refuses the image of the dump, so that its Job has no pod.',
    prepare: (world) => notCreated(world, DENIED),
  },
  {
    name: 'backups-not-created',
    says: 'The quota of the namespace leaves no room for the pod of the dump.',
    prepare: (world) => notCreated(world, QUOTA),
  },
  {
    name: 'backups-multi-attach',
    says: "The weekly backup of Nextcloud came to another node than the one that has Nextcloud's volume.",
    prepare: (world) => {
      usual(world);
      const job = { resource: CRON_JOBS, namespace: 'nextcloud', name: 'nextcloud-backup' };
      schedule(world, job, { claims: ['nextcloud-data-proxmox', 'nextcloud-backup'], node: 'k8s-node4' });
      world.time.advance(15 * 60_000);
    },
  },
  {
    name: 'backups-pod-waits',
    says: 'The directory of the dumps is no longer exported: the pod of the run waits for its mount.',
    prepare: (world) => {
      usual(world);
      unexport(world, PATH);
      schedule(world, POSTGRES, { claims: ['dbaas-postgresql-backup'], node: 'k8s-node2' });
      world.time.advance(15 * 60_000);
    },
  },
  {
    name: 'backups-failed',
    says: 'The dump failed last night, and its Job is still there.',
    prepare: (world) => {
      failing(world);
      const message = 'Job has reached the specified backoff limit';
      const condition = {
        type: 'Failed',
        status: 'True',
        reason: 'BackoffLimitExceeded',
        message,
        lastTransitionTime: at(world, 8),
      };
      jobWithoutPod(world, { status: { failed: 4, conditions: [condition] } });
    },
  },
  {
    name: 'backups-hidden-failure',
    says: 'The dump fails each night, and ten seconds later its Job and pod are gone.',
    prepare: (world) => failing(world),
  },
  {
    name: 'backups-never-succeeded',
    says: 'The dump has failed ever since it was made.',
    prepare: (world) => {
      failing(world);
      world.store.patch(POSTGRES, { status: { lastSuccessfulTime: null } });
      dropNewest(world, postgresNights(world), 14);
    },
  },
  {
    name: 'backups-source-refused',
    says: 'The job does not copy the passwords, since its check of their database says no.',
    prepare: (world) => {
      failing(world, VAULTWARDEN);
      metric(world, { __name__: 'vaultwarden_sqlite_integrity_ok', job: 'vaultwarden-integrity-check' }, () => 0);
    },
  },
  {
    name: 'backups-claim-elsewhere',
    says: 'The claim of the dumps was bound to a volume with another path.',
    prepare: volumeElsewhere,
  },
  {
    name: 'backups-dataset-hides',
    says: 'Somebody made a dataset where the directory of the dumps was: the NAS shows that, and clients the directory.',
    prepare: hidden,
  },
  {
    name: 'backups-elsewhere',
    says: 'The dump succeeds each night, and for three nights nothing came to where it should.',
    prepare: elsewhere,
  },
  { name: 'backups-none', says: 'The job that dumps PostgreSQL is of today, and has made nothing yet.', prepare: newJob },
  {
    name: 'backups-stale',
    says: 'The dump failed for two nights and runs now.',
    prepare: (world) => {
      failing(world);
      schedule(world, POSTGRES, { claims: ['dbaas-postgresql-backup'], node: 'k8s-node2' });
      world.time.advance(60_000);
    },
  },
  ...flawedBackups,
  ...backupRuns,
  {
    name: 'backups-gateway-restarted',
    says: 'Pushgateway was started again and has forgotten what jobs told it.',
    prepare: gatewayRestarted,
  },
  {
    name: 'backups-pushed-epoch',
    says: 'The dump pushes a success of the year 1970.',
    prepare: (world) => {
      usual(world);
      metric(world, { __name__: 'backup_last_success_timestamp', job: POSTGRES.name }, () => 0);
    },
  },
  {
    name: 'backups-being-written',
    says: 'The nightly dump runs at this moment: its file is there and not yet whole.',
    prepare: (world) => {
      usual(world);
      schedule(world, POSTGRES, { claims: ['dbaas-postgresql-backup'], node: 'k8s-node2' });
      world.time.advance(60_000);
      const writtenMs = world.time.nowMs - 1_000;
      const content = { ...postgresDumpOf(0), isTruncated: true, brokenGzip: true } as const;
      addBackups(world, [{ path: `${PATH}/dump_2026_04_03_09_00.sql.gz`, bytes: 1_048_576, writtenMs, content }]);
    },
  },
  {
    name: 'backups-just-made',
    says: 'Somebody has just dumped PostgreSQL by hand.',
    prepare: (world) => {
      usual(world);
      const writtenMs = world.time.nowMs - 600_000;
      addBackups(world, [
        { path: `${PATH}/dump_2026_04_03_08_50.sql.gz`, bytes: 11_560_112, writtenMs, content: postgresDumpOf(0) },
      ]);
    },
  },
  {
    name: 'backups-just-made-in-part',
    says: 'Somebody has just dumped PostgreSQL by hand, and the dump was cut.',
    prepare: (world) => {
      usual(world);
      const writtenMs = world.time.nowMs - 600_000;
      const content = { ...postgresDumpOf(0), isTruncated: true } as const;
      addBackups(world, [{ path: `${PATH}/dump_2026_04_03_08_50.sql.gz`, bytes: 5_560_112, writtenMs, content }]);
    },
  },
  {
    name: 'backups-beside-change',
    says: 'The bot restores a database at this moment.',
    prepare: (world) => {
      usual(world);
      world.longWork.runsMs = DAY_MS;
      world.store.create({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          name: 'storagebot-3f2a9c81d0-2-restore',
          namespace: 'dbaas',
          labels: { 'app.kubernetes.io/managed-by': 'storagebot', 'storagebot/work': 'storagebot-3f2a9c81d0-2-restore' },
        },
        spec: { parallelism: 1, completions: 1, backoffLimit: 0 },
        status: { active: 1 },
      });
    },
  },
  {
    name: 'backups-beside-others',
    says: 'The weekly backup of Nextcloud runs at this moment.',
    prepare: (world) => {
      usual(world);
      const job = { resource: CRON_JOBS, namespace: 'nextcloud', name: 'nextcloud-backup' };
      schedule(world, job, { claims: ['nextcloud-data-proxmox', 'nextcloud-backup'], node: 'k8s-node3' });
      world.time.advance(60_000);
    },
  },
  {
    name: 'backups-disk-busy',
    says: 'The disk under the NAS is saturated.',
    prepare: (world) => {
      usual(world);
      world.hypervisor.diskBusyPercent = 97.3;
    },
  },
  {
    name: 'backups-no-room',
    says: 'The pool of the backups is full to the last byte.',
    prepare: (world) => {
      usual(world);
      for (const pool of world.nas.pools) if (pool.name === 'main') pool.usedPercent = 100;
    },
  },
  {
    name: 'backups-suspended-and-due',
    says: 'Somebody suspended the CronJob that copies the passwords this night.',
    prepare: (world) => {
      usual(world);
      world.store.patch(VAULTWARDEN, { spec: { suspend: true } });
    },
  },
  {
    name: 'backups-weekly',
    says: 'The last copy of Nextcloud is from Sunday, as it should be.',
    prepare: (world) => addBackups(world, [...nextcloudBackups(world), ...postgresNights(world), ...vaultwardenBackups(world)]),
  },
];
