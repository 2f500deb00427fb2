import { copyFileSync, existsSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteFiles } from '../../src/commands/sqlite-files.ts';
import { damageIn, damageOf } from '../../src/topology/sqlite-damage.ts';
import { peer } from '../peers.ts';
import { check, edit, HERE, make, newVolume, overwrite, PAGE, told, type Volume } from './sqlite-volume.ts';

const sqlite = peer('sqlite3');

describe.skipIf(!sqlite.found)('damage of SQLite databases, as the real sqlite3 tells it', () => {
  let volume: Volume;
  let db = '';
  beforeEach(() => {
    volume = newVolume();
    db = volume.db;
  });
  afterEach(() => volume[Symbol.dispose]());

  test('cut short: damaged, 11', async () => {
    make(volume, 'DELETE').close();
    truncateSync(db, 40 * PAGE);
    expect(await check(db)).toEqual({
      result: 'damaged',
      code: 11,
      says: 'database disk image is malformed (11)',
      integrity: [],
    });
  });

  test('noise in a page of a table: damaged, 11, with what the check had found before', async () => {
    const made = make(volume, 'DELETE');
    const [row] = made.prepare("SELECT max(pageno) AS page FROM dbstat WHERE name = 'ciphers' AND pagetype = 'leaf'").all();
    made.close();
    await overwrite(db, (Number(row?.['page']) - 1) * PAGE, Buffer.from('noise noise noise'));
    const seen = await check(db);
    expect(seen).toMatchObject({ result: 'damaged', code: 11, says: 'database disk image is malformed (11)' });
    expect('integrity' in seen && seen.integrity.join('\n')).toMatch(/btreeInitPage\(\) returns error code 11/);
  });

  test('an index that lacks rows: the rows are counted by the table, and nothing but the index is named', async () => {
    const made = make(volume, 'DELETE');
    const [row] = made.prepare("SELECT rootpage, sql FROM sqlite_schema WHERE name = 'by_owner'").all();
    made.close();
    // The schema forgets the index while rows come, and then knows it again.
    const next = 'PRAGMA writable_schema=RESET;';
    edit(
      db,
      `PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name = 'by_owner'; ${next} INSERT INTO ciphers (owner, data) VALUES (7, 'x'), (8, 'y');`,
    );
    edit(
      db,
      `PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES ('index', 'by_owner', 'ciphers', ${row?.['rootpage']}, '${row?.['sql']}'); ${next}`,
    );
    expect(await check(db)).toMatchObject({
      result: 'read',
      integrity: [
        'row 2001 missing from index by_owner',
        'row 2002 missing from index by_owner',
        'wrong # of entries in index by_owner',
      ],
      rows: { users: 40, ciphers: 2_002 },
    });
  });

  test('noise, an empty file, another table, no file: each is told by its own', async () => {
    writeFileSync(db, Buffer.alloc(8_192, 'no database '));
    expect(await check(db)).toEqual({ result: 'damaged', code: 26, says: 'file is not a database (26)', integrity: [] });
    writeFileSync(db, '');
    expect(await check(db)).toEqual({ result: 'no-table', table: 'users', integrity: [] });
    expect((await told(sqliteFiles(HERE, db))).database?.bytes).toBe(0);
    rmSync(db);
    expect(await check(db)).toMatchObject({ result: 'refused', code: 14 });
    expect(existsSync(db)).toBe(false);
    expect(await told(sqliteFiles(HERE, db))).toEqual({ directory: expect.anything() });
  });

  test('a key that leads nowhere and a NULL where none may be are no damage of pages', async () => {
    const made = make(volume, 'DELETE');
    made.exec('PRAGMA foreign_keys = OFF; DELETE FROM users WHERE id = 1; INSERT INTO users VALUES (50, NULL)');
    made.close();
    edit(
      db,
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'name TEXT', 'name TEXT NOT NULL') WHERE name = 'users'",
    );
    const seen = await check(db);
    expect(seen).toMatchObject({ result: 'read', brokenKeys: 50, integrity: ['NULL value in users.name'] });
  });

  test('damage that counts as damage of indexes alone costs no row: a copy indexed anew has them all', {
    timeout: 60_000,
  }, async () => {
    make(volume, 'DELETE').close();
    const [sound, copy] = [`${db}-sound`, `${db}-copy`];
    copyFileSync(db, sound);
    const pages = statSync(db).size / PAGE;
    const rows = edit(sound, 'SELECT id FROM users; SELECT id FROM ciphers NOT INDEXED');
    const seen = { tables: 0, indexes: 0, search: 0, rules: 0, none: 0 };
    for (let page = 1; page < pages; page += 3) {
      copyFileSync(sound, db);
      // Pointers of the page lead elsewhere, or the value at its end is another one.
      const [at, bytes] = page % 2 === 0 ? [8, [0x0f, 0x80, 0x0f, 0x80]] : [PAGE - 2, [0, 1]];
      await overwrite(db, page * PAGE + at, Uint8Array.from(bytes));
      const looked = await check(db);
      if (looked.result === 'not-looked') throw new Error(looked.says);
      const damage = damageOf(looked);
      seen[damage] += 1;
      if (damage !== 'indexes') continue;
      copyFileSync(db, copy);
      edit(copy, 'REINDEX');
      expect({ page, integrity: edit(copy, 'PRAGMA integrity_check') }).toEqual({ page, integrity: 'ok\n' });
      expect({ page, isWhole: edit(copy, 'SELECT id FROM users; SELECT id FROM ciphers NOT INDEXED') === rows }).toEqual({
        page,
        isWhole: true,
      });
    }
    expect(seen.tables).toBeGreaterThan(20);
    expect(seen.indexes).toBeGreaterThan(0);
  });

  describe('of full-text indexes', () => {
    const SEARCH = `
      CREATE VIRTUAL TABLE own USING fts5(data);
      INSERT INTO own SELECT data FROM ciphers;
      CREATE VIRTUAL TABLE beside USING fts5(data, content='ciphers', content_rowid='id');
      INSERT INTO beside(beside) VALUES ('rebuild');
      CREATE VIRTUAL TABLE old USING fts4(data);
      INSERT INTO old SELECT data FROM ciphers;
    `;
    const integrityOf = (database: DatabaseSync) =>
      database
        .prepare('PRAGMA integrity_check')
        .all()
        .flatMap((row) => `${row['integrity_check']}`.split('\n'));

    function searched(sql: string): DatabaseSync {
      const made = make(volume, 'DELETE');
      made.exec(SEARCH);
      expect(damageIn(integrityOf(made))).toBe('none');
      made.enableDefensive(false);
      made.exec(sql);
      made.close();
      return new DatabaseSync(db);
    }

    // The library of Node is newer than 3.44, since when a check asks virtual tables too.
    test.each([
      ['own', 'DELETE FROM own_docsize WHERE id = 5', /^malformed inverted index for FTS5 table main\.own$/],
      ['own', 'DELETE FROM own_data WHERE id > 100', /^fts5: corruption found reading blob \d+ from table "own"$/],
      ['beside', 'DELETE FROM beside_data WHERE id > 100', /^fts5: corruption found reading blob \d+ from table "beside"$/],
      ['old', 'DELETE FROM old_segdir', /^malformed inverted index for FTS4 table main\.old$/],
    ])('%s: after %s it is no damage of tables, and made anew it is whole with every row', (table, sql, says) => {
      using database = searched(sql);
      const integrity = integrityOf(database);
      expect(integrity).toEqual([expect.stringMatching(says)]);
      expect(damageIn(integrity)).toBe('search');
      database.exec(`INSERT INTO ${table}(${table}) VALUES ('rebuild')`);
      expect(damageIn(integrityOf(database))).toBe('none');
      expect(database.prepare('SELECT count(*) AS rows FROM ciphers').get()).toEqual({ rows: 2_000 });
    });

    test('a page of such an index that makes no sense is damage of tables: the check ends there, and saw no more', async () => {
      searched('SELECT 1').close();
      const pages = edit(db, "SELECT max(pageno) FROM dbstat WHERE name = 'own_data' AND pagetype = 'leaf'");
      await overwrite(db, (Number(pages) - 1) * PAGE, Buffer.from('noise noise noise'));
      const seen = await check(db);
      expect(seen).toMatchObject({ result: 'damaged', code: 11 });
      expect(seen.result === 'not-looked' ? undefined : damageOf(seen)).toBe('tables');
    });

    test.each([
      'fts5: missing row 42 from content table "main"."own_content"',
      'unable to validate the inverted index for FTS5 table main.own: SQL logic error',
      'In RTree main.places:\nNode 3 missing from database',
    ])('"%s" says more than that an index can be made anew', (line) => {
      expect(damageIn(line.split('\n'))).toBe('tables');
    });

    test('together with what is wrong in indexes it is still no damage of tables; with a table it is', () => {
      const search = 'malformed inverted index for FTS5 table main.own';
      expect(damageIn([search, 'row 5 missing from index by_owner', 'NULL value in users.name'])).toBe('search');
      expect(damageIn([search, 'Tree 12 page 12: btreeInitPage() returns error code 11'])).toBe('tables');
    });
  });
});
