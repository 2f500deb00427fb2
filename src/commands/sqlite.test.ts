import { describe, expect, test } from 'vitest';
import { parseCheck, sqliteCheck } from './sqlite.ts';
import { parseFiles, parseSignatures, parseSpace } from './sqlite-files.ts';

const TABLES = ['users', 'ciphers'];

function ended(exitCode: number, stderr: string, stdout = 'format 2\nversion 3.45.1\n') {
  return parseCheck({ exitCode, stdout, stderr }, TABLES);
}

describe('what sqlite3 says instead of an answer', () => {
  test.each([
    ['Error: in prepare, database is locked (5)', 5, { result: 'refused', code: 5, says: 'database is locked (5)' }],
    ['Error: stepping, disk I/O error (10)', 10, { result: 'refused', code: 10, says: 'disk I/O error (10)' }],
    ['Error: stepping, disk I/O error (266)', 10, { result: 'refused', code: 10, says: 'disk I/O error (266)' }],
    ['Runtime error near line 1: disk I/O error (10)', 1, { result: 'refused', code: 10, says: 'disk I/O error (10)' }],
    [
      'Runtime error: database disk image is malformed (779)',
      1,
      { result: 'damaged', code: 11, says: 'database disk image is malformed (779)', integrity: [] },
    ],
    [
      'Parse error near line 1: file is not a database (26)',
      1,
      { result: 'damaged', code: 26, says: 'file is not a database (26)', integrity: [] },
    ],
    [
      'Error: in prepare, attempt to write a readonly database (8)',
      8,
      { result: 'refused', code: 8, says: 'attempt to write a readonly database (8)' },
    ],
    [
      'Error: unable to open database "file:/a b?mode=ro": unable to open database file',
      1,
      { result: 'refused', code: 14, says: 'unable to open database file (14)' },
    ],
    ['Error: in prepare, no such table: ciphers', 1, { result: 'no-table', table: 'ciphers', integrity: [] }],
  ])('%s', (stderr, exitCode, expected) => {
    expect(ended(exitCode, `${stderr}\n`)).toEqual(expected);
  });

  test('what the check found before it failed is kept', () => {
    const stdout =
      'format 1\nversion 3.40.1\nintegrity *** in database main ***\nintegrity Page 51: btreeInitPage() returns error code 11\n';
    expect(ended(11, 'Error: stepping, database disk image is malformed (11)\n', stdout)).toMatchObject({
      integrity: ['*** in database main ***', 'Page 51: btreeInitPage() returns error code 11'],
    });
  });

  test.each([
    [1, '', 'without a word'],
    [1, 'Error: in prepare, no such module: fts5\n', 'no such module'],
    [1, 'Error: in prepare, no such collation sequence: NATURAL\n', 'no such collation'],
    [11, 'sh: 1: nice: not found\n', 'nice'],
    [1, 'Error: stepping, database or disk is full (13)\n', 'full'],
    [1, 'Error: stepping, locking protocol (15)\n', 'locking protocol'],
    [1, 'Error: unable to open database file is what a program says\n', 'unable to open'],
  ])('is no answer with exit code %i where it is: %s', (exitCode, stderr, message) => {
    expect(() => ended(exitCode, stderr)).toThrow(message);
  });

  test('an answer that was cut is none', () => {
    const whole = 'format 2\nversion 3.45.1\nintegrity ok\nkeys 0\nrows users 4\nrows ciphers 9\nend\n';
    expect(ended(0, '', whole)).toEqual({
      result: 'read',
      version: '3.45.1',
      journal: 'wal',
      integrity: ['ok'],
      brokenKeys: 0,
      rows: { users: 4, ciphers: 9 },
    });
    for (const line of whole.split('\n').slice(1, -1))
      expect(() => ended(0, '', whole.replace(`${line}\n`, ''))).toThrow(/nothing of|not a number|its end/);
    expect(() => ended(0, '', '')).toThrow('its end');
  });

  test('a schema that this sqlite3 does not understand is no damage: an older one says that of whole databases', () => {
    const stderr = 'Error: in prepare, malformed database schema (t) - unknown table option: STRICT (11)\n';
    expect(ended(11, stderr)).toEqual({
      result: 'not-looked',
      says: 'SQLite says: malformed database schema (t) - unknown table option: STRICT.',
      toDo: expect.stringContaining('at least as new'),
    });
  });

  test('65 to 68, 75, 124 and 127 are reasons not to have looked', () => {
    for (const exitCode of [65, 66, 67, 68, 75, 124, 127]) expect(ended(exitCode, '')).toMatchObject({ result: 'not-looked' });
    expect(sqliteCheck({ name: 'k8s-node4', sudo: true }, '/a/db', TABLES).answers).not.toContain(64);
  });
});

describe('the files of a database', () => {
  const rows =
    '4096 1775206810 755 0 0 directory|/v\n8192 1775206810 644 33 33 regular file|/v/a b.db\n0 1775206810 644 33 33 regular empty file|/v/a b.db-wal\n';
  const gone = (end: string) => `stat: cannot statx '/v/a b.db${end}': No such file or directory\n`;

  test('are told with their owners; what is not there is absent', () => {
    const files = parseFiles('/v/a b.db', rows, gone('-shm') + gone('-journal'));
    expect(files).toEqual({
      database: { bytes: 8_192, modifiedAt: 1_775_206_810, access: { mode: 0o644, uid: 33, gid: 33 } },
      wal: { bytes: 0, modifiedAt: 1_775_206_810, access: { mode: 0o644, uid: 33, gid: 33 } },
      directory: { bytes: 4_096, modifiedAt: 1_775_206_810, access: { mode: 0o755, uid: 0, gid: 0 } },
    });
  });

  test.each([
    gone('-shm'),
    `${gone('-shm')}stat: cannot statx '/v/a b.db-journal': Stale file handle\n`,
    `${gone('-shm')}stat: cannot statx '/v/a b.db-journal': Permission denied\n`,
  ])('are not known where stat says less or another thing: %s', (stderr) => {
    expect(() => parseFiles('/v/a b.db', rows, stderr)).toThrow(/stat/);
  });

  test('that are links, pipes or directories are not read as databases', () => {
    const link = rows.replace('regular file', 'symbolic link');
    expect(() => parseFiles('/v/a b.db', link, gone('-shm') + gone('-journal'))).toThrow('symbolic link');
  });
});

test('room is told of file systems that count inodes, and of those that do not', () => {
  const header = 'Type   1B-blocks     Avail  Inodes   IFree\n';
  expect(parseSpace(`${header}ext4 1073741824 848297984 65536 65372\n`)).toEqual({
    type: 'ext4',
    sizeBytes: 1_073_741_824,
    availableBytes: 848_297_984,
    inodes: 65_536,
    inodesFree: 65_372,
  });
  expect(parseSpace(`${header}nfs4 1073741824 848297984 - -\n`)).toMatchObject({ inodes: 0, inodesFree: 0 });
  expect(() => parseSpace(header)).toThrow('no table');
  expect(() => parseSpace('')).toThrow('no table');
});

test('messages of SQLite are counted in whatever a program writes around them', () => {
  const lines = [
    '[x][ERROR] DatabaseError: Database disk image is malformed',
    'err="database is locked (5) (SQLITE_BUSY)"',
    'database is locked',
    'all is well',
  ];
  expect(parseSignatures(lines).map(({ code, lines: count }) => [code, count])).toEqual([
    [5, 2],
    [11, 1],
  ]);
});
