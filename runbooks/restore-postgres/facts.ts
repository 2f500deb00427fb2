import type { Firing } from '../../src/commands/alerts.ts';
import type { PostgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile, BackupNames } from '../../src/commands/backup-files.ts';
import type { DataSpace, PgDatabase, PgSession, TableRows } from '../../src/commands/postgres.ts';
import type { PostgresSite } from '../../src/core/databases.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { Dependants } from '../../src/topology/dependants.ts';
import type { PostgresLook } from '../../src/topology/postgres-look.ts';

interface Chosen {
  readonly file: string;
  readonly anyway?: 'anyway' | undefined;
  /** What is damaged may be impossible to dump: it is kept all the same, under another name. */
  readonly copy?: 'without-copy' | undefined;
}

export type Params =
  | { readonly what: 'list'; readonly database?: string | undefined }
  | ({ readonly what: 'restore'; readonly database: string } & Chosen)
  /** Every database of the dump that applications use, one in each run. */
  | ({ readonly what: 'all' } & Chosen);

/** What the primary says; absent without one. */
export interface ServerFacts {
  readonly databases: Seen<readonly PgDatabase[]>;
  readonly roles: Seen<readonly string[]>;
  readonly space: Seen<DataSpace>;
}

export interface LookedInto {
  readonly file: BackupFile;
  readonly dump: Seen<PostgresDump>;
}

/** Of the database that is restored. */
export interface TargetFacts {
  readonly name: string;
  readonly sessions: Seen<readonly PgSession[]>;
  readonly dependants: Dependants;
  /** Rows of the one that is used, to tell what changes: damage may make it impossible to count them. */
  readonly now?: Seen<readonly TableRows[]>;
}

export interface Facts {
  readonly site: Site;
  readonly postgres: PostgresSite;
  readonly asked: Params;
  readonly look: PostgresLook;
  readonly server?: ServerFacts;
  /** How the job names its dumps. */
  readonly names: BackupNames;
  readonly files: Seen<readonly BackupFile[]>;
  readonly clock: Seen<number>;
  readonly alerts?: Seen<Firing>;
  /** All that are shown where nothing was chosen, or the one that was. */
  readonly dumps: readonly LookedInto[];
  readonly target?: TargetFacts;
}

export function isWithoutCopy({ asked }: Facts): boolean {
  return 'copy' in asked && asked.copy === 'without-copy';
}
