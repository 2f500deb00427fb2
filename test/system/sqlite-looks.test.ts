import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteCheck } from '../../src/commands/sqlite.ts';
import { spaceAt, sqliteFiles } from '../../src/commands/sqlite-files.ts';
import { peer } from '../peers.ts';
import { check, edit, HERE, make, newVolume, overwrite, PAGE, told, traces, type Volume, WELL } from './sqlite-volume.ts';

const sqlite = peer('sqlite3');
const isRoot = process.getuid?.() === 0;
/** The user nobody, who may write none of it. */
const NOBODY = 65_534;

describe.skipIf(!sqlite.found)('what the bot asks SQLite, asked of the real sqlite3', () => {
  let volume: Volume;
  let db = '';
  beforeEach(() => {
    volume = newVolume();
    db = volume.db;
  });
  afterEach(() => volume[Symbol.dispose]());

  /** Under another name as it is now, with what lies beside it. */
  function copied(name: string, ...ends: readonly string[]): string {
    const copy = join(volume.directory, name);
    for (const end of ['', ...ends]) copyFileSync(`${db}${end}`, `${copy}${end}`);
    return copy;
  }

  /** A copy with half a transaction and the journal of it, as of a program that was killed. */
  function cutOff(): string {
    const application = make(volume, 'DELETE');
    application.exec('PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE ciphers SET data = hex(randomblob(150))');
    const hot = copied('hot', '-journal');
    application.exec('ROLLBACK');
    application.close();
    return hot;
  }

  /** A program that has it open, with one row in the log alone. */
  function opened(): ReturnType<typeof make> {
    const application = make(volume, 'WAL');
    application.exec("INSERT INTO users VALUES (41, 'only in the log')");
    return application;
  }

  test.each(['WAL', 'DELETE'] as const)(
    'a healthy database in mode %s that nobody has open, without a trace of the look',
    async (journal) => {
      make(volume, journal).close();
      const before = traces(volume.directory);
      expect(await check(db)).toMatchObject({ ...WELL, journal: journal === 'WAL' ? 'wal' : 'rollback' });
      expect(traces(volume.directory)).toEqual(before);
    },
  );

  test('through the log of a program that has it open: what it committed counts, and nothing is written', async () => {
    const application = opened();
    const before = traces(volume.directory);
    expect(await check(db)).toMatchObject({ ...WELL, rows: { users: 41, ciphers: 2_000 } });
    expect(traces(volume.directory)).toEqual(before);
    application.close();
  });

  test('a log that a killed program left behind is part of the database, and stays as it is', async () => {
    const application = opened();
    const left = copied('left', '-wal', '-shm');
    application.close();
    expect(await check(left)).toMatchObject({ ...WELL, rows: { users: 41 } });
    expect(readdirSync(volume.directory).filter((name) => name.startsWith('left'))).toEqual(['left', 'left-shm', 'left-wal']);
  });

  test.skipIf(!isRoot)("a log of another owner than the database stays that owner's", async () => {
    const application = make(volume, 'WAL');
    application.exec("INSERT INTO users VALUES (41, 'x')");
    chownSync(`${db}-wal`, NOBODY, NOBODY);
    expect(await check(db)).toMatchObject({ result: 'not-looked', says: expect.stringContaining('another user') });
    expect(statSync(`${db}-wal`).uid).toBe(NOBODY);
    application.close();
  });

  test('a log without its shared memory is no answer about the content', async () => {
    const application = opened();
    const left = copied('bare', '-wal');
    application.close();
    expect(await check(left)).toEqual({ result: 'refused', code: 14, says: 'unable to open database file (14)' });
    expect(existsSync(`${left}-shm`)).toBe(false);
  });

  test('beside an emptied database the log stays, which may hold all that is left of it', async () => {
    const application = opened();
    copyFileSync(`${db}-wal`, join(volume.directory, 'emptied-wal'));
    application.close();
    const emptied = join(volume.directory, 'emptied');
    writeFileSync(emptied, '');
    const before = traces(volume.directory);
    expect(await check(emptied)).toEqual({ result: 'no-table', table: 'users', integrity: [] });
    expect(traces(volume.directory)).toEqual(before);
  });

  test('a log that was left beside a database of another kind is neither read over it nor given a shared memory', async () => {
    const application = opened();
    copyFileSync(`${db}-wal`, join(volume.directory, 'kept'));
    application.close();
    edit(db, 'PRAGMA journal_mode=DELETE');
    copyFileSync(join(volume.directory, 'kept'), `${db}-wal`);
    const before = traces(volume.directory);
    expect(await check(db)).toEqual({ result: 'refused', code: 14, says: 'unable to open database file (14)' });
    expect(traces(volume.directory)).toEqual(before);
  });

  test('a link is not followed: the log of the file that it leads to lies elsewhere', async () => {
    const application = make(volume, 'WAL');
    const link = join(volume.directory, 'link');
    symlinkSync(db, link);
    expect(await check(link)).toMatchObject({ result: 'not-looked', says: expect.stringContaining('symbolic link') });
    application.close();
  });

  test('half a transaction of a database that had its log closed is no answer, and stays as it is', async () => {
    const hot = cutOff();
    await overwrite(hot, 18, Uint8Array.from([2, 2]));
    const before = traces(volume.directory);
    expect(await check(hot)).toMatchObject({ result: 'not-looked', says: expect.stringContaining('cut off') });
    expect(traces(volume.directory)).toEqual(before);
  });

  test.each(['WAL', 'DELETE'] as const)(
    'while a program writes in mode %s each look is of one moment, and no write fails',
    async (journal) => {
      const application = make(volume, journal);
      application.exec('PRAGMA busy_timeout = 5000');
      const both = application.prepare("INSERT INTO ciphers (owner, data) SELECT max(id), 'of ' || max(id) FROM users");
      let isDone = false;
      let written = 0;
      const writing = (async () => {
        while (!isDone) {
          application.exec('BEGIN IMMEDIATE');
          application.exec(`INSERT INTO users (name) VALUES ('new ${written}')`);
          both.run();
          application.exec('COMMIT');
          written += 1;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      })();
      const looks = [];
      for (let look = 0; look < 8; look += 1) looks.push(await check(db));
      isDone = true;
      await writing;
      application.close();
      expect(written).toBeGreaterThan(8);
      for (const seen of looks) {
        if (seen.result !== 'read') throw new Error(JSON.stringify(seen));
        expect(seen.integrity).toEqual(['ok']);
        expect((seen.rows['ciphers'] ?? 0) - (seen.rows['users'] ?? 0)).toBe(1_960);
      }
    },
  );

  test('locked by a program: refused with 5, which is no corruption', { timeout: 30_000 }, async () => {
    const application = make(volume, 'DELETE');
    application.exec('BEGIN EXCLUSIVE');
    expect(await check(db)).toEqual({ result: 'refused', code: 5, says: 'database is locked (5)' });
    application.exec('ROLLBACK');
    application.close();
  });

  test('a transaction that was cut off is refused with 8, and nobody rolls it back', async () => {
    const hot = cutOff();
    const { size } = statSync(`${hot}-journal`);
    expect(await check(hot)).toEqual({ result: 'refused', code: 8, says: 'attempt to write a readonly database (8)' });
    expect(statSync(`${hot}-journal`).size).toBe(size);
  });

  test.skipIf(!isRoot)('a directory that one may not look into: refused with 14', async () => {
    make(volume, 'DELETE').close();
    chmodSync(volume.directory, 0o700);
    expect(await check(db, { uid: NOBODY })).toEqual({ result: 'refused', code: 14, says: 'unable to open database file (14)' });
  });

  test.skipIf(!isRoot)('files that one may only read are read, in both modes', async () => {
    make(volume, 'WAL').close();
    expect(await check(db, { uid: NOBODY })).toMatchObject(WELL);
    const application = new DatabaseSync(db);
    application.exec("INSERT INTO users VALUES (41, 'x')");
    expect(await check(db, { uid: NOBODY })).toMatchObject({ ...WELL, rows: { users: 41 } });
    application.close();
  });

  test('a large one whose writers would wait is not looked at', async () => {
    make(volume, 'DELETE').close();
    truncateSync(db, 64 * 1_048_576 + PAGE);
    expect(await check(db)).toMatchObject({ result: 'not-looked', says: expect.stringContaining('64 MiB') });
  });

  test('a look that goes on and on ends before programs give up waiting for it', { timeout: 30_000 }, async () => {
    make(volume, 'DELETE').close();
    const slow = join(volume.directory, 'slow');
    execFileSync('mkdir', ['-p', slow]);
    writeFileSync(join(slow, 'sqlite3'), '#!/bin/sh\nexec sleep 30\n');
    chmodSync(join(slow, 'sqlite3'), 0o755);
    const began = performance.now();
    const path = `${slow}:${process.env['PATH']}`;
    expect(await check(db, { path })).toMatchObject({ result: 'not-looked', says: expect.stringContaining('in time') });
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('without the program it says so, and which package has it', async () => {
    make(volume, 'DELETE').close();
    const without = join(volume.directory, 'without');
    execFileSync('mkdir', ['-p', without]);
    for (const program of ['timeout', 'sh', 'nice', 'od', 'tr', 'wc', 'stat']) {
      const found = execFileSync('sh', ['-c', 'command -v "$1"', 'find', program], { encoding: 'utf8' }).trim();
      if (!existsSync(join(without, program))) execFileSync('ln', ['-s', found, join(without, program)]);
    }
    expect(await check(db, { path: without })).toMatchObject({
      result: 'not-looked',
      toDo: expect.stringContaining('package sqlite3'),
    });
  });

  test('what somebody changes while it is read as it lies there is no answer', async () => {
    make(volume, 'WAL').close();
    const slow = join(volume.directory, 'slow');
    execFileSync('mkdir', ['-p', slow]);
    const real = sqlite.found ? sqlite.path : '';
    writeFileSync(
      join(slow, 'sqlite3'),
      `#!/bin/sh\n${real} "$@"\n${real} -batch "${db}" "INSERT INTO users VALUES (99, 'late')"\n`,
    );
    chmodSync(join(slow, 'sqlite3'), 0o755);
    const path = `${slow}:${process.env['PATH']}`;
    expect(await check(db, { path })).toMatchObject({
      result: 'not-looked',
      says: expect.stringContaining('opened by somebody'),
    });
  });

  test('names of tables and paths that SQLite or a shell would read otherwise never get there', () => {
    expect(() => sqliteCheck(HERE, '/a/db?mode=rwc', [])).toThrow('cannot be given');
    expect(() => sqliteCheck(HERE, '-init', [])).toThrow('dash');
    expect(() => sqliteCheck(HERE, db, ['users"; DROP TABLE users; --'])).toThrow('plain name');
  });

  test('the files of a database with their owners, and the room that they have', async () => {
    const application = make(volume, 'WAL');
    if (isRoot) chownSync(db, NOBODY, NOBODY);
    const files = await told(sqliteFiles(HERE, db));
    expect(files.database).toMatchObject({ bytes: statSync(db).size, access: { mode: 0o644, uid: statSync(db).uid } });
    expect(files.wal?.bytes).toBe(statSync(`${db}-wal`).size);
    expect(files.shm?.bytes).toBe(32_768);
    expect(files.journal).toBeUndefined();
    application.close();
    const space = await told(spaceAt(HERE, dirname(db)));
    expect(space.sizeBytes).toBeGreaterThan(space.availableBytes);
  });
});
