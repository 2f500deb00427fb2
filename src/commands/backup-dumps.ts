import type { Host, Read } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { DumpedDatabase, MysqlDump, PostgresDump, SqliteBackup } from './backup-reports.ts';
import { parseMysqlDump, parsePostgresDump, parseSqliteBackup } from './backup-reports.ts';
import { MYSQL_DUMP_SCRIPT, POSTGRES_DUMP_SCRIPT, SQLITE_SCRIPT } from './backup-scripts.ts';
import { boundedAsRoot } from './bounded.ts';

export type { DumpedDatabase, DumpedTable, MysqlDump, MysqlDumpedTable, PostgresDump, SqliteBackup } from './backup-reports.ts';

/**
 * How long a look into one backup may take: ten minutes for the one that is to be restored. A dump of 1 GiB takes the scripts less than a minute on a
 * machine of today, and is given ten because they run at the lowest priority.
 */
export type LookS = 1 | 2 | 4 | 8 | 600;

/** Where people wait for so many at once, of which one connection carries eight beside each other: all of them together take eight seconds. */
export function secondsForEach(count: number): LookS {
  if (count <= 8) return 8;
  if (count <= 16) return 4;
  return count <= 32 ? 2 : 1;
}

/** What a dump of pg_dumpall holds, from one reading of the file: a packed one ends with `.gz`. */
export function postgresDump(nas: Host, path: string, withinS: LookS = 600): Read<PostgresDump> {
  return defineRead({
    asks: `What does the dump ${path} on ${nas.name} hold?`,
    command: inspecting(nas, path, { script: POSTGRES_DUMP_SCRIPT, withinS }),
    answers: [0],
    parse: ({ stdout }) => parsePostgresDump(stdout),
  });
}

export function mysqlDump(nas: Host, path: string, withinS: LookS = 600): Read<MysqlDump> {
  return defineRead({
    asks: `What does the dump ${path} on ${nas.name} hold?`,
    command: inspecting(nas, path, { script: MYSQL_DUMP_SCRIPT, withinS }),
    answers: [0],
    parse: ({ stdout }) => parseMysqlDump(stdout),
  });
}

/** Rows of a database as a dump has them; `unknown` where not all of them could be counted. */
export function rowsIn({ tables }: Pick<DumpedDatabase, 'tables'>): number | 'unknown' {
  return tables.reduce<number | 'unknown'>(
    (sum, { rows }) => (sum === 'unknown' || rows === 'unknown' ? 'unknown' : sum + rows),
    0,
  );
}

interface SqliteLook {
  readonly tables: readonly string[];
  readonly withinS: LookS;
}

export function sqliteBackup(nas: Host, path: string, tables: readonly string[]): Read<SqliteBackup> {
  return sqliteBackupWithin(nas, path, { tables, withinS: 600 });
}

/** Looks at the file as it lies there, without any journal beside it and without a lock: only for a copy that nobody writes. */
export function sqliteBackupWithin(nas: Host, path: string, { tables, withinS }: SqliteLook): Read<SqliteBackup> {
  const argv = ['nice', '-n', '19', 'sh', '-c', SQLITE_SCRIPT, 'look', operand(path), tables.map(plainTable).join(' ')] as const;
  return defineRead({
    asks: `Is the SQLite database ${path} on ${nas.name} whole, and what does it hold?`,
    command: boundedAsRoot(nas, withinS, argv),
    answers: [0],
    parse: ({ stdout }) => parseSqliteBackup(stdout),
  });
}

function plainTable(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 100))} is no plain name of a table`);
  return name;
}

function inspecting(nas: Host, path: string, { script, withinS }: { readonly script: string; readonly withinS: LookS }) {
  return boundedAsRoot(nas, withinS, ['nice', '-n', '19', 'sh', '-c', script, 'look', operand(path)]);
}
