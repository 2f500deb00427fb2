import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteCheck } from '../../src/commands/sqlite.ts';
import type { Read } from '../../src/core/command.ts';
import type { Output } from '../../src/core/output.ts';
import { understand } from '../../src/core/reading.ts';
import { peer } from '../peers.ts';

const sqlite = peer('sqlite3');
export const HERE = { name: 'here', sudo: false };
export const PAGE = 4_096;

const SCHEMA = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
  CREATE TABLE ciphers (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES users(id), data TEXT NOT NULL);
  CREATE INDEX by_owner ON ciphers(owner);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO users SELECT i, 'user' || i FROM n;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO ciphers SELECT i, 1 + i % 40, hex(randomblob(150)) FROM n;
`;

export const WELL = { result: 'read', integrity: ['ok'], brokenKeys: 0, rows: { users: 40, ciphers: 2_000 } } as const;

/** A directory that stands for a volume; the database in it is made when a test wants one. */
export interface Volume {
  readonly directory: string;
  readonly db: string;
  readonly [Symbol.dispose]: () => void;
}

export function newVolume(): Volume {
  const directory = mkdtempSync(join(tmpdir(), 'sqlite-volume-'));
  chmodSync(directory, 0o755);
  return { directory, db: join(directory, 'db.sqlite3'), [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
}

export function make({ db }: Volume, journal: 'WAL' | 'DELETE'): DatabaseSync {
  const made = new DatabaseSync(db);
  made.exec(`PRAGMA journal_mode=${journal}; ${SCHEMA}`);
  return made;
}

/** With sqlite3 itself, which lets one write to the schema. */
export function edit(db: string, sql: string): string {
  return execFileSync(sqlite.found ? sqlite.path : '', ['-batch', '-init', '/dev/null', db, sql], { encoding: 'utf8' });
}

export async function overwrite(db: string, at: number, bytes: Uint8Array): Promise<void> {
  const file = await open(db, 'r+');
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}

interface As {
  readonly uid?: number;
  readonly path?: string;
}

function run(read: Read<unknown>, { uid, path }: As): Promise<Output> {
  if (read.command.via !== 'ssh') throw new Error('not over SSH');
  const [program, ...args] = read.command.argv;
  const env = { ...process.env, ...(path !== undefined && { PATH: path }) };
  const options = { env, encoding: 'utf8' as const, ...(uid !== undefined && { uid, gid: uid }) };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** What the bot understands of the answer, given by this machine itself. */
export async function told<T>(read: Read<T>, as: As = {}): Promise<T> {
  const seen = understand(read, await run(read, as));
  if (!seen.known) throw new Error(`${seen.why.says} ${JSON.stringify(seen.outcome)}`);
  return seen.value;
}

export function check(path: string, as: As = {}) {
  return told(sqliteCheck(HERE, path, ['users', 'ciphers']), as);
}

/** All that lies in a directory, with what it holds and whose it is. */
export function traces(directory: string): readonly string[] {
  return readdirSync(directory).map((name) => {
    const { mtimeMs, uid, gid, mode } = statSync(join(directory, name));
    const content = createHash('sha256').update(readFileSync(join(directory, name)));
    return [name, mtimeMs, uid, gid, mode, content.digest('hex')].join(' ');
  });
}
