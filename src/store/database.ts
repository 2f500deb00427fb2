import { closeSync, mkdirSync, openSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { migrations } from './migrations.ts';

/** The state directory or its database cannot be relied on; the message says why and what to do. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
  readonly code = 'STORE_UNUSABLE';
}

/** Opens `storagebot.db`, makes sure that a commit survives a power cut, and brings the schema up to date. */
export function openDatabase(directory: string): DatabaseSync {
  prepareDirectory(directory);
  const file = join(directory, 'storagebot.db');
  // SQLite gives its other files the mode of this one, so that nobody else reads them in a directory made by hand either.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  requirePragma(database, 'synchronous', 2);
  requirePragma(database, 'journal_mode', 'wal');
  requirePragma(database, 'foreign_keys', 1);
  migrate(database);
  return database;
}

/** Creates the state directory, readable by its owner alone, and refuses one on a network file system. */
export function prepareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const kind = networkFileSystem(statfsSync(directory).type);
  if (kind === undefined) return;
  throw new StoreUnusable(
    `The state directory ${directory} is on ${kind}. The bot must work while network storage does not: use a local disk.`,
  );
}

/** The name of the network file system that has this magic number (statfs(2), `linux/magic.h`); undefined for any other. */
export function networkFileSystem(magic: number): string | undefined {
  return new Map([
    [0x6969, 'NFS'],
    [0x517b, 'SMB'],
    [0xff534d42, 'CIFS'],
    [0xfe534d42, 'SMB'],
    [0x00c36400, 'CephFS'],
  ]).get(magic >>> 0);
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
