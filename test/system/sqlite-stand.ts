import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BACK_TEXT, REINDEX_TEXT, RESTORE_TEXT } from '../../src/commands/sqlite-texts.ts';

/** The scripts of the Jobs, with the real sqlite3 and GNU's programs, on directories that stand for the claims. */
export interface Stand {
  readonly root: string;
  /** What the application's claim holds, and what the claim of the backups holds. */
  readonly data: string;
  readonly backups: string;
  readonly [Symbol.dispose]: () => void;
}

export const NEEDS = ['rsa_key.pem'];
export const MAY = ['rsa_key.pub.pem', 'config.json', 'attachments', 'sends'];
export const TABLES = ['users', 'ciphers'];

const SCHEMA =
  'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT UNIQUE); CREATE TABLE ciphers(id INTEGER PRIMARY KEY, data TEXT)';

export function newStand(): Stand {
  const root = mkdtempSync(join(tmpdir(), 'sqlite-'));
  const [data, backups] = [join(root, 'data'), join(root, 'backup')];
  mkdirSync(data);
  mkdirSync(backups);
  return { root, data, backups, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

/** What the shell of SQLite prints; it throws where that fails. */
export function sqlite(file: string, ...sql: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('sqlite3', ['-batch', '-bail', file, ...sql], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file}: ${stderr}`);
  return stdout.trim();
}

/** As many users and ten times as many items, each of them marked. */
export function fillDatabase(file: string, users: number, mark: string): void {
  sqlite(
    file,
    SCHEMA,
    ...(users === 0
      ? []
      : [
          `INSERT INTO users SELECT value, '${mark} ' || value FROM generate_series(1, ${users})`,
          `INSERT INTO ciphers SELECT value, '${mark} ' || hex(randomblob(200)) FROM generate_series(1, ${users * 10})`,
        ]),
  );
}

/** A backup as its job makes it, with a file whose name no shell may take apart. */
export function addBackup({ backups }: Stand, name: string, users: number): string {
  const path = join(backups, name);
  mkdirSync(join(path, 'attachments', "of o'hara"), { recursive: true });
  fillDatabase(join(path, 'db.sqlite3'), users, name);
  writeFileSync(join(path, 'rsa_key.pem'), `key of ${name}`);
  writeFileSync(join(path, 'attachments', "of o'hara", 'a "quoted" $(name).bin'), `attachment of ${name}`);
  return path;
}

/** What the application has: its database in WAL mode with what is not yet in the file itself, and files beside it. */
export function addApplication({ data }: Stand, users = 7): void {
  const file = join(data, 'db.sqlite3');
  fillDatabase(file, users, 'live');
  leaveLog(file);
  writeFileSync(join(data, 'rsa_key.pem'), 'live key');
  writeFileSync(join(data, 'rsa_key.pub.pem'), 'live public key');
  mkdirSync(join(data, 'attachments'));
  writeFileSync(join(data, 'attachments', 'live only'), 'live');
  writeFileSync(join(data, 'icon_cache'), 'not of the database');
  chmodSync(file, 0o640);
}

/** A log that holds rows which the file does not: what a process leaves that was killed. */
export function leaveLog(file: string): void {
  sqlite(file, 'PRAGMA journal_mode=WAL');
  sqlite(file, '.dbconfig no_ckpt_on_close on', "INSERT INTO ciphers(data) VALUES ('only in the log')");
}

/** A page of the table itself is no page any more; the file keeps its size. */
export function corrupt(file: string): void {
  const bytes = readFileSync(file);
  const root = Number(sqlite(file, "SELECT rootpage FROM sqlite_master WHERE name='ciphers'"));
  bytes.fill(0xa5, (root - 1) * 4096, root * 4096);
  writeFileSync(file, bytes);
}

const TEXTS = { restore: RESTORE_TEXT, back: BACK_TEXT, reindex: REINDEX_TEXT } as const;
type Name = keyof typeof TEXTS;

export interface Ended {
  readonly exitCode: number | null;
  readonly says: string;
  /** How many programs it ran. */
  readonly programs: number;
}

/** Those that can change a file. */
const PROGRAMS = ['mv', 'cp', 'sync', 'rm', 'mkdir', 'ln', 'find', 'chmod', 'chown', 'sqlite3', 'mktemp'];

/** Counts the programs that a script runs and kills all of it at one of them: the script itself knows nothing of that. */
const SHIM = `#!/bin/sh
read -r n < "$STAND/count"; n=$((n + 1)); echo $n > "$STAND/count"
[ "$n" = "$FAULT" ] && kill -9 0
PATH="$REAL_PATH" exec "\${0##*/}" "$@"
`;

/** `killedAt` is the program, counted from 1, instead of which the script and all that it started are killed. */
export function run({ root, data }: Stand, name: Name, words: readonly string[], killedAt?: number): Ended {
  const programs = join(root, 'programs');
  mkdirSync(programs, { recursive: true });
  for (const each of PROGRAMS) {
    writeFileSync(join(programs, each), SHIM);
    chmodSync(join(programs, each), 0o755);
  }
  writeFileSync(join(root, 'count'), '0\n');
  const path = process.env['PATH'] ?? '';
  const env = {
    PATH: `${programs}:${path}`,
    REAL_PATH: path,
    STAND: root,
    FAULT: `${killedAt ?? 'none'}`,
    LC_ALL: 'C.UTF-8',
  };
  const argv = ['-euo', 'pipefail', '-c', TEXTS[name], `sqlite-${name}`, join(data, 'db.sqlite3'), ...words];
  const { status, stderr } = spawnSync('setsid', ['/bin/bash', ...argv], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { exitCode: status, says: stderr, programs: Number(readFileSync(join(root, 'count'), 'utf8')) };
}

/** The words of a restore of what this backup really has, unless the rows are said. */
export function restoreWords(backup: string, rows?: Readonly<Record<string, number>>): string[] {
  const counted = rows ?? Object.fromEntries(TABLES.map((table) => [table, rowsOf(join(backup, 'db.sqlite3'), table)]));
  return [
    'storagebot-1-1-restore',
    'from',
    backup,
    ...Object.entries(counted).flatMap(([table, count]) => ['rows', table, `${count}`]),
    ...NEEDS.flatMap((name) => ['needs', name]),
    ...MAY.flatMap((name) => ['may', name]),
  ];
}

export function rowsOf(file: string, table: string): number {
  return Number(sqlite(file, `SELECT count(*) FROM ${table}`));
}

/** Everything below a directory but what the scripts keep there: kind, owner, mode, and content. */
export function contentOf(directory: string): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  const walk = (inner: string) => {
    for (const name of readdirSync(join(directory, inner)).toSorted()) {
      const path = join(inner, name);
      if (path.startsWith('.storagebot-')) continue;
      const { mode, uid, gid } = lstatSync(join(directory, path));
      const about = `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
      const stat = lstatSync(join(directory, path));
      if (stat.isSymbolicLink()) found.push([path, `link to ${readlinkSync(join(directory, path))}`]);
      else if (stat.isDirectory()) found.push([path, `directory ${about}`]);
      else found.push([path, `${about} ${hashOf(join(directory, path))}`]);
      if (stat.isDirectory()) walk(path);
    }
  };
  walk('');
  return Object.fromEntries(found);
}

export function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

/** What the scripts keep in a volume, by the ends of the names. */
export function keptIn(directory: string): readonly string[] {
  const own = readdirSync(directory).filter((name) => name.startsWith('.storagebot-'));
  return own.map((name) => name.replace(/-between-.*$/, '-between')).toSorted();
}
