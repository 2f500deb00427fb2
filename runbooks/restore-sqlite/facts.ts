import type { SqliteBackup } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { SqliteJob } from '../../src/commands/sqlite-scripts.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { BackupPlace } from '../../src/core/databases.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { SqliteLook } from '../../src/topology/sqlite-look.ts';

export type Choice =
  | { readonly from: 'backup'; readonly name: string; readonly anyway: boolean }
  /** No backup: the indexes are made anew. */
  | { readonly from: 'reindex' };

export interface Params {
  readonly service: string;
  readonly choice?: Choice | undefined;
}

export interface Candidate {
  readonly file: BackupFile;
  readonly content: Seen<SqliteBackup>;
}

export interface BackupFacts {
  readonly place: BackupPlace;
  /** Directories, the newest first. */
  readonly list: Seen<readonly BackupFile[]>;
  /** Of the database in each of them. */
  readonly sizes: Seen<readonly BackupFile[]>;
  readonly clock: Seen<number>;
  /** The one that was named, or else the newest. */
  readonly candidates: readonly Candidate[];
}

export interface Facts {
  readonly site: Site;
  readonly asked: Params;
  readonly look: SqliteLook;
  readonly users: readonly Seen<readonly User[]>[];
  readonly jobs: Seen<readonly SqliteJob[]>;
  /** Absent where the service has no backups, or the indexes are to be made anew. */
  readonly backups?: BackupFacts;
}
