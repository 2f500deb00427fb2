import type { SqliteBackup } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { FileSystemError } from '../../src/commands/block-devices.ts';
import type { Schedule } from '../../src/commands/cluster-jobs.ts';
import type { LogSignature } from '../../src/commands/sqlite-files.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { SqliteLook } from '../../src/topology/sqlite-look.ts';

export interface Params {
  readonly service: string;
}

export interface Facts {
  readonly look: SqliteLook;
  /** Of the container that has the volume; absent where no pod of the workload runs. */
  readonly log?: Seen<readonly LogSignature[]>;
  /** What the kernel said of file systems; looked at where the one of a disk is read-only. */
  readonly kernel?: Seen<readonly FileSystemError[]>;
  /** Looked for where the database is damaged. */
  readonly backups?: Backups;
}

export interface Backups {
  /** CronJobs of its namespace that make them. */
  readonly jobs: readonly string[];
  readonly schedules: Seen<readonly Schedule[]>;
  /** The database of each backup, the newest first. */
  readonly list: Seen<readonly BackupFile[]>;
  /** Those that were looked into, as far as the first good one. */
  readonly tried: readonly TriedBackup[];
}

export interface TriedBackup {
  readonly file: BackupFile;
  readonly seen: Seen<SqliteBackup>;
}
