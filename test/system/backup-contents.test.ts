import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CheckedKind, checkedBackup, copiedDirectory } from '../../src/commands/backup-contents.ts';
import { sqliteBackup } from '../../src/commands/backup-dumps.ts';
import { backupFiles, filesInBackups, freeSpaceAt } from '../../src/commands/backup-files.ts';
import { peer } from '../peers.ts';
import { askWith, type FarTools, farTools } from './far-tools.ts';

const sqlite3 = peer('sqlite3');
const NAS = { name: 'truenas', sudo: false };
const tools = farTools();

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-backups-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function tarOf(names: readonly string[]): Buffer {
  return spawnSync('tar', ['-czf', '-', '-C', directory, ...names], { maxBuffer: 100_000_000 }).stdout;
}

function isWhole(one: FarTools, kind: CheckedKind, path: string): boolean {
  const seen = askWith(one, checkedBackup(NAS, path, { kind, withinS: 600 }));
  if (!seen.known) throw new Error(seen.why.says);
  return seen.value.isWhole;
}

describe.each(tools)('with $name', (one) => {
  test('a dump of Redis needs its beginning and its end', () => {
    const whole = Buffer.concat([Buffer.from('REDIS0011keys'), Buffer.from([0xff]), randomBytes(8)]);
    expect(isWhole(one, 'rdb', file('a.rdb', whole))).toBe(true);
    expect(isWhole(one, 'rdb', file('b.rdb', whole.subarray(0, -1)))).toBe(false);
    expect(isWhole(one, 'rdb', file('c.rdb', Buffer.concat([Buffer.from('RUDIS'), whole.subarray(5)])))).toBe(false);
    expect(isWhole(one, 'rdb', file('d.rdb', ''))).toBe(false);
  });

  test('a snapshot of etcd needs the digest of its pages', () => {
    const pages = randomBytes(4_096);
    const whole = Buffer.concat([pages, createHash('sha256').update(pages).digest()]);
    expect(isWhole(one, 'etcd', file('a.db', whole))).toBe(true);
    expect(isWhole(one, 'etcd', file('b.db', pages))).toBe(false);
    expect(isWhole(one, 'etcd', file('c.db', whole.subarray(512)))).toBe(false);
    expect(isWhole(one, 'etcd', file('d.db', ''))).toBe(false);
  });

  test('a snapshot of Vault needs what its digests say', () => {
    file('meta.json', '{"Version":1}');
    file('state.bin', randomBytes(90_000));
    const sums = ['meta.json', 'state.bin'].map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex')}  ${name}\n`,
    );
    file('SHA256SUMS', sums.join(''));
    const names = ['meta.json', 'state.bin', 'SHA256SUMS'];
    const whole = tarOf(names);
    expect(isWhole(one, 'raft', file('a.snap', whole))).toBe(true);
    expect(isWhole(one, 'raft', file('b.snap', whole.subarray(0, 50_000)))).toBe(false);
    expect(isWhole(one, 'raft', file('c.snap', tarOf(['meta.json', 'state.bin'])))).toBe(false);
    appendFileSync(join(directory, 'state.bin'), 'x');
    expect(isWhole(one, 'raft', file('d.snap', tarOf(names)))).toBe(false);
  });

  test('an archive is read to its end, and must have something in it', () => {
    file('data', randomBytes(90_000));
    const whole = tarOf(['data']);
    expect(isWhole(one, 'tar', file('a.tar.gz', whole))).toBe(true);
    expect(isWhole(one, 'tar', file('b.tar.gz', whole.subarray(0, 40_000)))).toBe(false);
    expect(isWhole(one, 'tar', file('c.tar.gz', gzipSync(randomBytes(30_000))))).toBe(false);
    expect(isWhole(one, 'tar', file('d.tar.gz', tarOf(['-T', '/dev/null'])))).toBe(false);
  });

  test('a directory is counted with all below it', () => {
    mkdirSync(join(directory, 'deep/er'), { recursive: true });
    utimesSync(file('deep/one', 'abc'), 1_775_200_000, 1_775_200_000);
    utimesSync(file('deep/er/two words', 'defg'), 1_775_206_800, 1_775_206_800);
    expect(askWith(one, copiedDirectory(NAS, join(directory, 'deep')))).toMatchObject({
      value: { files: 2, bytes: 7, newestAt: 1_775_206_800 },
    });
    mkdirSync(join(directory, 'empty'));
    expect(askWith(one, copiedDirectory(NAS, join(directory, 'empty')))).toMatchObject({ value: { files: 0, bytes: 0 } });
    expect(askWith(one, copiedDirectory(NAS, join(directory, 'nowhere')))).toMatchObject({ known: false });
  });

  test('backups are listed by their names, the newest first, and what is hidden or named otherwise is left out', () => {
    for (const [name, atS] of [
      ['dump_2026_04_01.sql.gz', 1_775_001_600],
      ['dump_2026_04_03.sql.gz', 1_775_174_400],
      ['dump_2026_04_02.sql.gz', 1_775_088_000],
      ['dump_2026_04_03.sql.gz.part', 1_775_174_500],
      ['.dump_2026_04_04.sql.gz', 1_775_174_600],
      ['lost+found', 1],
    ] as const)
      utimesSync(file(name, name), atS, atS);
    const seen = askWith(one, backupFiles(NAS, { path: directory, begins: 'dump_', ends: '.sql.gz' }));
    expect(seen.known && seen.value.map(({ name }) => name)).toEqual([
      'dump_2026_04_03.sql.gz',
      'dump_2026_04_02.sql.gz',
      'dump_2026_04_01.sql.gz',
    ]);
    expect(seen.known && seen.value[0]).toEqual({
      name: 'dump_2026_04_03.sql.gz',
      path: join(directory, 'dump_2026_04_03.sql.gz'),
      bytes: 22,
      modifiedAt: 1_775_174_400,
      isDirectory: false,
    });
  });

  test('of backups that are directories, the file in each is listed where it is there', () => {
    for (const day of ['2026_04_01_00_00', '2026_04_02_00_00', '2026_04_03_00_00']) mkdirSync(join(directory, day));
    file('2026_04_01_00_00/db.sqlite3', 'four');
    file('2026_04_03_00_00/db.sqlite3', 'three');
    const seen = askWith(one, filesInBackups(NAS, directory, 'db.sqlite3'));
    expect(seen.known && seen.value.map(({ name, bytes }) => `${name} ${bytes}`).toSorted()).toEqual([
      '2026_04_01_00_00/db.sqlite3 4',
      '2026_04_03_00_00/db.sqlite3 5',
    ]);
    const all = askWith(one, backupFiles(NAS, { path: directory, begins: '', ends: '' }));
    expect(all.known && all.value.map(({ isDirectory }) => isDirectory)).toEqual([true, true, true]);
  });

  test('a directory that is not there could not be looked at, and one without backups has none', () => {
    const names = { begins: '', ends: '' };
    expect(askWith(one, backupFiles(NAS, { path: join(directory, 'nowhere'), ...names }))).toMatchObject({ known: false });
    expect(askWith(one, backupFiles(NAS, { path: directory, ...names }))).toMatchObject({ known: true, value: [] });
    expect(askWith(one, filesInBackups(NAS, directory, 'db.sqlite3'))).toMatchObject({ known: true, value: [] });
    expect(askWith(one, freeSpaceAt(NAS, directory))).toMatchObject({ known: true, value: { bytes: expect.any(Number) } });
  });
});

describe.skipIf(!sqlite3.found)('a copy of a SQLite database', () => {
  const TABLES = ['users', 'ciphers'];

  function database(name: string, sql: string): string {
    const path = join(directory, name);
    const { status, stderr } = spawnSync('sqlite3', [path, sql], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return path;
  }

  const SQL = `PRAGMA journal_mode=wal; CREATE TABLE users (a); INSERT INTO users VALUES (1), (2); CREATE TABLE ciphers (x);
    CREATE INDEX i ON ciphers (x); WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 200)
    INSERT INTO ciphers SELECT hex(randomblob(250)) FROM n;`;

  test.each(tools)('is whole, is counted, and has nothing beside it afterwards, with $name', (one) => {
    const path = database('db.sqlite3', SQL);
    file('rsa_key.pem', 'key');
    const before = readdirSync(directory);
    expect(askWith(one, sqliteBackup(NAS, path, [...TABLES, 'missing']))).toMatchObject({
      value: { integrity: 'ok', rows: { users: 2, ciphers: 200 }, files: ['db.sqlite3', 'rsa_key.pem'] },
    });
    expect(readdirSync(directory)).toEqual(before);
  });

  test.each(tools)('that is damaged, cut or of another kind is not, with $name', (one) => {
    const path = database('db.sqlite3', SQL);
    const bytes = readFileSync(path);
    const damaged = Buffer.from(bytes);
    damaged.fill('garbage!', 20_000, 24_000);
    for (const content of [damaged, bytes.subarray(0, 30_000), randomBytes(9_000)]) {
      const seen = askWith(one, sqliteBackup(NAS, file('db.sqlite3', content), TABLES));
      expect(seen.known && seen.value.integrity).not.toBe('ok');
    }
  });

  test.each(tools)('with a log beside it is not told to be whole, and keeps that, with $name', (one) => {
    const path = database('db.sqlite3', SQL);
    for (const log of ['-wal', '-journal']) {
      file(`db.sqlite3${log}`, 'what was not written back');
      expect(askWith(one, sqliteBackup(NAS, path, TABLES))).toMatchObject({
        value: { integrity: expect.stringContaining(`its ${log} lies beside it`) },
      });
      rmSync(file(`db.sqlite3${log}`, ''));
    }
    file('db.sqlite3-wal', '');
    expect(askWith(one, sqliteBackup(NAS, path, TABLES))).toMatchObject({ value: { integrity: 'ok' } });
  });

  test.each(tools)('has its rows counted by the table, whatever its indexes lack, with $name', (one) => {
    const sql = 'CREATE TABLE users (a); CREATE TABLE ciphers (x NOT NULL); CREATE INDEX i ON ciphers (x);';
    const path = database('db.sqlite3', `${sql} INSERT INTO ciphers VALUES (1), (2)`);
    const root = spawnSync('sqlite3', [path, "SELECT rootpage FROM sqlite_schema WHERE name = 'i'"], { encoding: 'utf8' });
    const open = 'PRAGMA writable_schema=ON;';
    database(
      'db.sqlite3',
      `${open} DELETE FROM sqlite_schema WHERE name = 'i'; PRAGMA writable_schema=RESET; INSERT INTO ciphers VALUES (3)`,
    );
    database(
      'db.sqlite3',
      `${open} INSERT INTO sqlite_schema VALUES ('index', 'i', 'ciphers', ${root.stdout.trim()}, 'CREATE INDEX i ON ciphers (x)')`,
    );
    expect(askWith(one, sqliteBackup(NAS, path, TABLES))).toMatchObject({ value: { rows: { users: 0, ciphers: 3 } } });
  });

  test('of no bytes has none of the tables', () => {
    const [one] = tools;
    if (one === undefined) throw new Error('there is no shell here');
    expect(askWith(one, sqliteBackup(NAS, file('db.sqlite3', ''), TABLES))).toMatchObject({
      value: { integrity: 'ok', rows: {} },
    });
  });

  test('whose path would mean something in a URI is not looked at', () => {
    const [one] = tools;
    if (one === undefined) throw new Error('there is no shell here');
    for (const name of ['db?mode=rwc', 'db#1', 'db%41'])
      expect(askWith(one, sqliteBackup(NAS, database(name, SQL), TABLES))).toMatchObject({ known: false });
  });
});
