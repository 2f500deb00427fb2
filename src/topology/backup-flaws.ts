import type { MysqlDump, PostgresDump, SqliteBackup } from '../commands/backup-dumps.ts';
import { rowsIn } from '../commands/backup-dumps.ts';
import { SYSTEM_SCHEMAS } from '../commands/mysql-databases.ts';
import type { Known } from '../core/reading.ts';
import { sizeOf } from '../core/size.ts';
import type { Content, NamedJob } from './backup-look.ts';

/** What is wrong with a backup. */
export interface Flaw {
  readonly is: 'truncated' | 'damaged' | 'incomplete' | 'schema-only' | 'empty-database';
  /** Of `empty-database`: which one. */
  readonly database?: string;
  readonly says: string;
}

export interface Judged {
  readonly flaws: readonly Flaw[];
  /** What is in it, in a few words. */
  readonly holds: string;
  readonly seen: Known<unknown>;
}

/** undefined: it could not be looked into. */
export function judge({ source }: NamedJob, content: Content): Judged | undefined {
  switch (content.kind) {
    case 'pg_dumpall':
      return content.seen.known ? { ...judgePostgres(content.seen.value), seen: content.seen } : undefined;
    case 'mysqldump':
      return content.seen.known ? { ...judgeMysql(content.seen.value), seen: content.seen } : undefined;
    case 'sqlite':
      return content.seen.known ? { ...judgeSqlite(content.seen.value, source), seen: content.seen } : undefined;
    case 'directory': {
      if (!content.seen.known) return undefined;
      const { files, bytes } = content.seen.value;
      const flaws: Flaw[] = files === 0 ? [{ is: 'incomplete', says: 'there is no file in it' }] : [];
      return { flaws, holds: `${files} files, ${sizeOf(bytes)}`, seen: content.seen };
    }
    case 'without': {
      if (!content.seen.known) return undefined;
      const says = `${content.file} is missing in it, as where a run failed in between`;
      return { flaws: [{ is: 'incomplete', says }], holds: 'no database', seen: content.seen };
    }
    default: {
      if (!content.seen.known) return undefined;
      const { isWhole, says } = content.seen.value;
      return { flaws: isWhole ? [] : [{ is: 'damaged', says }], holds: says, seen: content.seen };
    }
  }
}

/** Databases that every server has. */
const TEMPLATES = ['template0', 'template1', 'postgres'];

function judgePostgres(dump: PostgresDump): Omit<Judged, 'seen'> {
  const own = dump.databases.filter(({ name }) => !TEMPLATES.includes(name));
  const holds = own.map((each) => `${each.name} ${rowsIn(each)} rows`).join(', ') || 'no database';
  const cut = cutOf(dump);
  if (cut !== undefined) return { flaws: [cut], holds };
  const isBare = own.some((each) => each.tablesCreated > 0) && own.every((each) => each.tables.length === 0);
  if (isBare) return { flaws: [{ is: 'schema-only', says: 'it makes tables and has no row of any' }], holds };
  const empty = own.filter((each) => each.tablesCreated > 0 && rowsIn(each) === 0);
  return { flaws: empty.map(({ name, tablesCreated }) => emptyDatabase(name, tablesCreated)), holds };
}

function emptyDatabase(database: string, tables: number): Flaw {
  return { is: 'empty-database', database, says: `${database} has ${tables} tables in it and not one row` };
}

function judgeMysql(dump: MysqlDump): Omit<Judged, 'seen'> {
  const own = dump.databases.filter(({ name }) => !SYSTEM_SCHEMAS.includes(name));
  const holds = own.map(({ name, tables }) => `${name} ${tables.length} tables`).join(', ') || 'no database';
  const cut = cutOf(dump);
  if (cut !== undefined) return { flaws: [cut], holds };
  const withTables = own.filter(({ tables }) => tables.length > 0);
  const empty = withTables.filter(({ tables }) => tables.every(({ hasRows }) => !hasRows));
  if (empty.length > 1 && empty.length === withTables.length)
    return { flaws: [{ is: 'schema-only', says: 'it makes tables and has no row of any' }], holds };
  return { flaws: empty.map(({ name, tables }) => emptyDatabase(name, tables.length)), holds };
}

type Cut = Pick<PostgresDump, 'readable' | 'problem' | 'hasHeader' | 'hasTrailer'>;

function cutOf({ readable, problem, hasHeader, hasTrailer }: Cut): Flaw | undefined {
  if (!readable) return { is: 'truncated', says: `gzip cannot unpack it to its end: ${problem ?? 'without a word'}` };
  if (!hasHeader) return { is: 'damaged', says: 'it does not begin as a dump does' };
  return hasTrailer ? undefined : { is: 'truncated', says: 'its last line, which says that it is complete, is missing' };
}

function judgeSqlite({ integrity, rows, files }: SqliteBackup, source: NamedJob['source']): Omit<Judged, 'seen'> {
  const counts = Object.entries(rows);
  const holds = counts.map(([table, count]) => `${table} ${count}`).join(', ') || `${files.length} files`;
  if (integrity !== 'ok') return { flaws: [{ is: 'damaged', says: `SQLite says of it: ${integrity}` }], holds };
  const { needs = [], tables = [] } = source?.sqlite ?? {};
  const missing = needs.filter((need) => !files.includes(need));
  if (missing.length > 0) return { flaws: [{ is: 'incomplete', says: `${missing.join(', ')} is missing in it` }], holds };
  const isEmpty = tables.length > 0 && tables.every((table) => (rows[table] ?? 0) === 0);
  const says = `${tables.join(' and ')} have no row in it, or are not there`;
  return { flaws: isEmpty ? [{ is: 'empty-database', says }] : [], holds };
}
