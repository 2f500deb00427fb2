import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import { listCopies } from './keeping-copies.ts';
import { diskFaultOf } from './keeping-errors.ts';

/** The journal, and the engine's list of what to take up when. Only the first cannot be made anew. */
export type StateFile = 'storagebot.db' | 'engine.db';

export interface Damage {
  readonly file: StateFile;
  /** What the check said, in its own words. */
  readonly says: readonly string[];
}

/** Everything that can be seen to be wrong with the state in this directory. Reads only. Throws where it cannot look at all. */
export function checkState(directory: string): readonly Damage[] {
  const journal = join(directory, 'storagebot.db');
  const says = isAbsentOrEmpty(journal) ? absenceOf(directory) : checkFile(journal, journalFaults);
  const engine = join(directory, 'engine.db');
  const engineSays = isAbsentOrEmpty(engine) ? [] : checkFile(engine);
  return [
    ...(says.length === 0 ? [] : [{ file: 'storagebot.db', says } as const]),
    ...(engineSays.length === 0 ? [] : [{ file: 'engine.db', says: engineSays } as const]),
  ];
}

/** What is wrong with one database file; `more` asks what SQLite itself does not know. */
export function checkFile(file: string, more: (database: DatabaseSync) => readonly string[] = () => []): readonly string[] {
  // SQLite removes its index before its log, so this is never what a bot leaves behind, however it ends.
  if (existsSync(`${file}-shm`) && !existsSync(`${file}-wal`))
    return ['its write-ahead log (-wal) was removed: the last changes that were written down are lost'];
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    const faults = integrityFaults(database);
    return faults.length > 0 ? faults : [...foreignKeyFaults(database), ...more(database)];
  } catch (error) {
    const fault = diskFaultOf(error);
    if (fault === 'damaged' || fault === 'unreliable') return [messageOf(error)];
    throw error;
  } finally {
    database.close();
  }
}

function isAbsentOrEmpty(file: string): boolean {
  return !existsSync(file) || (statSync(file).size === 0 && !existsSync(`${file}-wal`));
}

/** A first start finds no journal; one that has copies was there before. */
function absenceOf(directory: string): readonly string[] {
  return listCopies(directory).length === 0 ? [] : ['it is missing or empty, although there are copies of it'];
}

const IntegrityRow = z.object({ integrity_check: z.string() }).transform((row) => row.integrity_check);

function integrityFaults(database: DatabaseSync): readonly string[] {
  const says = z.array(IntegrityRow).parse(database.prepare('PRAGMA integrity_check').all());
  return says.length === 1 && says[0] === 'ok' ? [] : says;
}

const ForeignKeyRow = z.object({ table: z.string(), parent: z.string() });

function foreignKeyFaults(database: DatabaseSync): readonly string[] {
  const rows = z.array(ForeignKeyRow).parse(database.prepare('PRAGMA foreign_key_check').all());
  const groups = Map.groupBy(rows, ({ table, parent }) => `of ${table} belong to a row of ${parent} that is not there`);
  return [...groups].map(([says, { length }]) => `${length} rows ${says}`);
}

const JSON_COLUMNS = {
  runs: ['arguments', 'requester', 'origin', 'follows', 'cancelled', 'auditHead'],
  rounds: ['recording', 'holds'],
  steps: ['output'],
  messages: ['value'],
} as const;

const Named = z.object({ name: z.string() });
const Counted = z.object({ count: z.number() });

function journalFaults(database: DatabaseSync): readonly string[] {
  return Object.entries(JSON_COLUMNS).flatMap(([table, columns]) => {
    const rows = z.array(Named).parse(database.prepare('SELECT name FROM pragma_table_info(?)').all(table));
    const present = new Set(rows.map(({ name }) => name));
    // An older version's state lacks some of them.
    return columns.filter((column) => present.has(column)).flatMap((column) => jsonFaults(database, table, column));
  });
}

function jsonFaults(database: DatabaseSync, table: string, column: string): readonly string[] {
  const sql = `SELECT count(*) AS count FROM "${table}" WHERE "${column}" IS NOT NULL AND NOT json_valid("${column}")`;
  const { count } = Counted.parse(database.prepare(sql).get());
  return count === 0 ? [] : [`${count} values of ${table}.${column} are not JSON`];
}
