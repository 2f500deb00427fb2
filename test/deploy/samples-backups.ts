import * as contents from '../../src/commands/backup-contents.ts';
import * as dumps from '../../src/commands/backup-dumps.ts';
import * as files from '../../src/commands/backup-files.ts';
import * as jobs from '../../src/commands/backup-jobs.ts';
import type { Host } from '../../src/core/command.ts';
import { hostilePaths, type Samples } from './sample-arguments.ts';

const looks = [1, 2, 4, 8, 600] as const;
const kinds = ['rdb', 'etcd', 'raft', 'tar'] as const;
const innerFiles = ['db.sqlite3', 'data/db.sqlite'] as const;

/** What lies in the directories of backups, and what is in it. */
export function ofBackups(host: Host): Samples {
  return {
    'backup-files.ts': {
      backupFiles: hostilePaths.map((path) => files.backupFiles(host, { path, begins: 'dump_', ends: '.sql.gz' })),
      filesInBackups: hostilePaths.flatMap((path) => innerFiles.map((file) => files.filesInBackups(host, path, file))),
      freeSpaceAt: hostilePaths.map((path) => files.freeSpaceAt(host, path)),
    },
    'backup-dumps.ts': {
      postgresDump: hostilePaths.flatMap((path) => looks.map((withinS) => dumps.postgresDump(host, path, withinS))),
      mysqlDump: hostilePaths.flatMap((path) => looks.map((withinS) => dumps.mysqlDump(host, path, withinS))),
      sqliteBackup: hostilePaths.map((path) => dumps.sqliteBackup(host, path, ['users', 'ciphers'])),
      sqliteBackupWithin: hostilePaths.flatMap((path) =>
        looks.map((withinS) => dumps.sqliteBackupWithin(host, path, { tables: [], withinS })),
      ),
    },
    'backup-jobs.ts': {
      backupSchedules: [jobs.backupSchedules()],
      backupRuns: [jobs.backupRuns()],
      jobTemplates: [jobs.jobTemplates()],
      pushed: [jobs.pushed()],
      pushedBefore: [jobs.pushedBefore()],
    },
    'backup-contents.ts': {
      checkedBackup: hostilePaths.flatMap((path) =>
        kinds.flatMap((kind) => looks.map((withinS) => contents.checkedBackup(host, path, { kind, withinS }))),
      ),
      copiedDirectory: hostilePaths.flatMap((path) => looks.map((withinS) => contents.copiedDirectory(host, path, withinS))),
    },
  };
}
