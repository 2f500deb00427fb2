import * as contents from '../../src/commands/backup-contents.ts';
import * as dumps from '../../src/commands/backup-dumps.ts';
import * as files from '../../src/commands/backup-files.ts';
import * as workJob from '../../src/commands/work-job.ts';
import type { Maker } from './maker.ts';

const nas = { name: 'nas', sudo: false };
const run = { namespace: 'dbaas', name: 'storagebot-3f2a9c81d0-1-backup', cronJob: 'postgresql-backup', risk: 'normal' } as const;
const template = { template: { spec: {} } };
const names = { path: '/mnt/main/postgresql-backup', begins: 'dump_', ends: '.sql.gz' };

/** Of backups on the NAS. */
export const ofBackups: Readonly<Record<string, readonly Maker[]>> = {
  backupFiles: [(path) => files.backupFiles(nas, { ...names, path })],
  filesInBackups: [
    (path) => files.filesInBackups(nas, path, 'db.sqlite3'),
    (file) => files.filesInBackups(nas, names.path, file),
  ],
  freeSpaceAt: [(path) => files.freeSpaceAt(nas, path)],
  postgresDump: [(path) => dumps.postgresDump(nas, path)],
  mysqlDump: [(path) => dumps.mysqlDump(nas, path)],
  sqliteBackup: [(path) => dumps.sqliteBackup(nas, path, ['users']), (table) => dumps.sqliteBackup(nas, '/mnt/a/db', [table])],
  sqliteBackupWithin: [(path) => dumps.sqliteBackupWithin(nas, path, { tables: ['users'], withinS: 8 })],
  checkedBackup: [(path) => contents.checkedBackup(nas, path, { kind: 'rdb', withinS: 8 })],
  runOfCronJob: [
    (namespace) => workJob.runOfCronJob({ ...run, template, namespace }).change,
    (name) => workJob.runOfCronJob({ ...run, template, name }).change,
    (cronJob) => workJob.runOfCronJob({ ...run, template, cronJob }).change,
    (argument) =>
      workJob.runOfCronJob({ ...run, template: { template: { spec: { containers: [{ command: ['sh', '-c', argument] }] } } } })
        .change,
  ],
  copiedDirectory: [(path) => contents.copiedDirectory(nas, path)],
};
