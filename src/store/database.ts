import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { diskFaultOf, StoreUnusable, showDiskFault } from './keeping-errors.ts';
import { prepareDirectory, roomFor } from './keeping-place.ts';
import { migrations } from './migrations.ts';

/** Opens `storagebot.db`, makes sure that a commit survives a power cut, and brings the schema up to date. */
export function openDatabase(directory: string): DatabaseSync {
  prepareDirectory(directory);
  try {
    return openFile(join(directory, 'storagebot.db'));
  } catch (error) {
    const fault = diskFaultOf(error);
    if (fault === undefined) throw error;
    throw new StoreUnusable(roomFor(directory) ?? showDiskFault(fault, directory), { cause: error });
  }
}

function openFile(file: string): DatabaseSync {
  // SQLite gives its other files the mode of this one, so that nobody else reads them in a directory made by hand either.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    requirePragma(database, 'synchronous', 2);
    requirePragma(database, 'journal_mode', 'wal');
    requirePragma(database, 'foreign_keys', 1);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function requirePragma(database: DatabaseSync, name: string, wanted: string | number): void {
  const found = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (found === wanted) return;
  throw new StoreUnusable(
    `SQLite has ${name} = ${String(found)} and must have ${wanted}: without it a power cut could repeat a change.`,
  );
}

function migrate(database: DatabaseSync): void {
  const { user_version: version } = z.object({ user_version: z.number() }).parse(database.prepare('PRAGMA user_version').get());
  if (version > migrations.length) {
    throw new StoreUnusable(`The state was written by a newer version (schema ${version}); this one knows ${migrations.length}.`);
  }
  for (const [index, sql] of migrations.entries()) {
    if (index >= version) database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
