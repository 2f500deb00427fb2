import type { DumpedDatabase, PostgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { PgDatabase } from '../../src/commands/postgres.ts';
import type { Known } from '../../src/core/reading.ts';
import type { PostgresPrimary } from '../../src/topology/postgres-look.ts';
import type { Facts, TargetFacts } from './facts.ts';
import type { Stage } from './state.ts';

/** What a restore is judged and planned from, once all of it was seen. */
export interface At {
  readonly facts: Facts;
  readonly primary: PostgresPrimary;
  readonly files: Known<readonly BackupFile[]>;
  readonly file: BackupFile;
  readonly dump: Known<PostgresDump>;
  readonly databases: Known<readonly PgDatabase[]>;
  readonly target: TargetFacts;
  /** What the dump has of it. */
  readonly own: DumpedDatabase;
  readonly stage: Exclude<Stage, { is: 'restored' }>;
  /** Who its tables belong to; absent where neither the server nor the dump says it. */
  readonly owner: string | undefined;
}
