import type { BackupJob, BackupKind } from '../core/databases.ts';
import type { Foundation } from '../core/foundation.ts';
import { underNas } from '../topology/foundation-names.ts';
import type { AlertAt, KnownAlert, KnownAlerts } from './known-alert.ts';
import { words } from './known-alert.ts';
import { labelOf } from './labels.ts';

const ALL: Foundation = { kind: 'backups', name: 'all' };

type Named = readonly [word: string, job: BackupJob];

/** By its CronJob; else by what the alert is called after, where the site has one such job. */
function jobOf({ alert, site }: AlertAt, kind?: BackupKind): Named | undefined {
  const all = Object.entries(site.backups ?? {});
  const [namespace, cronJob] = [labelOf(alert, 'namespace'), labelOf(alert, 'cronjob') ?? cronJobOf(labelOf(alert, 'job_name'))];
  const named = all.find(([, job]) => job.cronJob === cronJob && (namespace === undefined || job.namespace === namespace));
  if (named !== undefined || cronJob !== undefined) return named;
  const [first, ...more] = all.filter(([, job]) => job.kind === kind);
  return more.length === 0 ? first : undefined;
}

/** A CronJob names its Jobs after itself and the minute. */
function cronJobOf(job: string | undefined): string | undefined {
  return job?.replace(/-\d+$/, '');
}

function stale(kind?: BackupKind): KnownAlert {
  const directory = (at: AlertAt): Foundation => {
    const job = jobOf(at, kind);
    return job === undefined ? ALL : { kind: 'backups', name: job[1].path };
  };
  return {
    kind: 'own',
    subject: directory,
    standsOn: (at) => [ALL, directory(at)],
    run: (at) => {
      const job = jobOf(at, kind);
      return ['diagnose', 'backups', ...(job === undefined ? [] : [job[0]])];
    },
  };
}

const OFFSITE: KnownAlert = {
  kind: 'own',
  subject: () => ALL,
  run: words('diagnose', 'backups'),
};

const VAULTWARDEN = ({ site }: AlertAt): Foundation | undefined => {
  const service = site.databases?.sqlite.vaultwarden;
  return service && { kind: 'workload', name: `${service.namespace}/${service.workload}` };
};

const INTEGRITY: KnownAlert = { kind: 'own', subject: VAULTWARDEN, run: words('diagnose', 'sqlite', 'vaultwarden') };

export const BACKUP_ALERTS: KnownAlerts = {
  PostgreSQLBackupStale: stale('pg_dumpall'),
  PostgreSQLBackupNeverSucceeded: stale('pg_dumpall'),
  MySQLBackupStale: stale('mysqldump'),
  MySQLBackupNeverSucceeded: stale('mysqldump'),
  EtcdBackupStale: stale('etcd'),
  EtcdBackupNeverSucceeded: stale('etcd'),
  VaultBackupStale: stale('raft'),
  VaultBackupNeverSucceeded: stale('raft'),
  VaultwardenBackupStale: stale('sqlite'),
  VaultwardenBackupNeverSucceeded: stale('sqlite'),
  RedisBackupStale: stale('rdb'),
  RedisBackupNeverSucceeded: stale('rdb'),
  PrometheusBackupStale: stale('tar'),
  PrometheusBackupNeverRun: stale('tar'),
  PlottingBookBackupStale: stale(),
  CloudSyncStale: OFFSITE,
  CloudSyncNeverRun: OFFSITE,
  CloudSyncFailing: OFFSITE,
  OffsiteBackupSyncStale: OFFSITE,
  OffsiteBackupSyncFailing: OFFSITE,
  WeeklyBackupStale: stale(),
  WeeklyBackupFailing: stale(),
  LVMSnapshotStale: stale(),
  LVMSnapshotNeverRun: stale(),
  LVMSnapshotFailing: stale(),
  BackupCronJobFailed: {
    kind: 'unavailable',
    standsOn: ({ site }) => underNas(site),
    run: stale().run ?? words('diagnose', 'backups'),
    caveat: 'Jobs that are deleted seconds after their end fire it hardly ever: its silence says nothing.',
  },
  VaultwardenSQLiteCorrupt: {
    ...INTEGRITY,
    caveat: 'Its check says the same when it could not open or lock the database.',
  },
  VaultwardenIntegrityFail: INTEGRITY,
  VaultwardenIntegrityCheckStale: {
    ...INTEGRITY,
    caveat: 'A rule without absent() stays silent where the check never ran: then its silence says nothing.',
  },
  // That its volume does not come to it is more often so than that its database is damaged.
  VaultwardenDown: {
    kind: 'unavailable',
    subject: VAULTWARDEN,
    run: (at) => {
      const workload = VAULTWARDEN(at);
      return workload && ['diagnose', 'block', workload.name];
    },
    next: (at) => (VAULTWARDEN(at) === undefined ? [] : [['diagnose', 'sqlite', 'vaultwarden']]),
  },
};
