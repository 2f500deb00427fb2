import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { peer } from '../peers.ts';
import {
  addApplication,
  addBackup,
  contentOf,
  corrupt,
  fillDatabase,
  hashOf,
  keptIn,
  leaveLog,
  newStand,
  restoreWords,
  rowsOf,
  run,
  type Stand,
  sqlite,
} from './sqlite-stand.ts';

const found = peer('sqlite3');
const isRoot = process.getuid?.() === 0;
const STAMP = 'storagebot-1-1-restore';

const databaseIn = ({ data }: Stand) => join(data, 'db.sqlite3');

describe.skipIf(!found.found)('a good backup', () => {
  it('takes the place of all that belongs to the database, and of nothing else', () => {
    using stand = newStand();
    addApplication(stand);
    const backup = addBackup(stand, '2026_04_03_06_00', 12);
    const kept = hashOf(join(stand.data, 'icon_cache'));
    const { exitCode, says } = run(stand, 'restore', restoreWords(backup));
    expect({ exitCode, says: says.trim().split('\n').at(-1) }).toEqual({
      exitCode: 0,
      says: `Restored from ${backup}: 12 users, 120 ciphers, whole`,
    });
    expect(sqlite(databaseIn(stand), 'PRAGMA integrity_check')).toBe('ok');
    expect([rowsOf(databaseIn(stand), 'users'), rowsOf(databaseIn(stand), 'ciphers')]).toEqual([12, 120]);
    expect(readFileSync(join(stand.data, 'rsa_key.pem'), 'utf8')).toBe('key of 2026_04_03_06_00');
    expect(readFileSync(join(stand.data, 'attachments', "of o'hara", 'a "quoted" $(name).bin'), 'utf8')).toBe(
      'attachment of 2026_04_03_06_00',
    );
    expect(existsSync(join(stand.data, 'attachments', 'live only'))).toBe(false);
    expect(existsSync(join(stand.data, 'db.sqlite3-wal'))).toBe(false);
    expect(hashOf(join(stand.data, 'icon_cache'))).toBe(kept);
    expect(keptIn(stand.data)).toEqual([`.${STAMP}-before`]);
  });

  it('without attachments leaves those of the volume where they are, and a key that it has not goes aside', () => {
    using stand = newStand();
    addApplication(stand);
    const backup = addBackup(stand, '2026_04_03_06_00', 12);
    rmSync(join(backup, 'attachments'), { recursive: true });
    const before = contentOf(stand.data);
    expect(run(stand, 'restore', restoreWords(backup))).toMatchObject({
      exitCode: 0,
      says: expect.stringContaining('has no attachments: that of the volume stays'),
    });
    expect(readFileSync(join(stand.data, 'attachments', 'live only'), 'utf8')).toBe('live');
    expect(existsSync(join(stand.data, 'rsa_key.pub.pem'))).toBe(false);
    expect(run(stand, 'back', [STAMP])).toMatchObject({ exitCode: 0 });
    expect(contentOf(stand.data)).toEqual(before);
  });

  it('leaves the backup as it was, and what was there before whole in one directory, with a list of it', () => {
    using stand = newStand();
    addApplication(stand);
    const backup = addBackup(stand, '2026_04_03_06_00', 12);
    const [before, ofBackup] = [contentOf(stand.data), contentOf(backup)];
    run(stand, 'restore', restoreWords(backup));
    expect(contentOf(backup)).toEqual(ofBackup);
    const aside = join(stand.data, `.${STAMP}-before`);
    const { icon_cache: _other, ...own } = before;
    const { manifest: _list, ...kept } = contentOf(aside);
    expect(kept).toEqual(own);
    const list = readFileSync(join(aside, 'manifest'), 'utf8').split('\n');
    expect(list).toContainEqual(expect.stringMatching(/^like db\.sqlite3 \d+ bytes, \d+:\d+ 640, 20/));
    expect(list.filter((line) => line.startsWith('was ')).map((line) => line.split(' ').at(-1))).toEqual([
      'db.sqlite3',
      'db.sqlite3-wal',
      'db.sqlite3-shm',
      'rsa_key.pem',
      'rsa_key.pub.pem',
      'attachments',
    ]);
  });

  it('is taken back byte for byte, and what was written since is kept on its own', () => {
    using stand = newStand();
    addApplication(stand);
    const before = contentOf(stand.data);
    run(stand, 'restore', restoreWords(addBackup(stand, '2026_04_03_06_00', 12)));
    sqlite(databaseIn(stand), "INSERT INTO users VALUES (99, 'since the restore')");
    leaveLog(databaseIn(stand));
    const since = contentOf(stand.data);
    const { exitCode } = run(stand, 'back', [STAMP]);
    expect(exitCode).toBe(0);
    expect(contentOf(stand.data)).toEqual(before);
    expect(keptIn(stand.data)).toEqual([`.${STAMP}-undone`]);
    const { icon_cache: _other, ...own } = since;
    expect(contentOf(join(stand.data, `.${STAMP}-undone`))).toMatchObject(own);
    expect(run(stand, 'back', [STAMP])).toMatchObject({ exitCode: 0, says: expect.stringContaining('taken back already') });
    expect(contentOf(stand.data)).toEqual(before);
  });

  it('is not restored a second time under the same name', () => {
    using stand = newStand();
    addApplication(stand);
    const words = restoreWords(addBackup(stand, '2026_04_03_06_00', 12));
    run(stand, 'restore', words);
    sqlite(databaseIn(stand), "INSERT INTO users VALUES (99, 'since the restore')");
    const after = contentOf(stand.data);
    expect(run(stand, 'restore', words)).toMatchObject({ exitCode: 0, says: expect.stringContaining('restored already') });
    expect(contentOf(stand.data)).toEqual(after);
  });

  it('brings its own log with it, and a database that was lost altogether comes back', () => {
    using stand = newStand();
    const backup = addBackup(stand, '2026_04_03_06_00', 12);
    leaveLog(join(backup, 'db.sqlite3'));
    writeFileSync(join(stand.data, 'rsa_key.pem'), 'the only file that is left');
    const { exitCode } = run(stand, 'restore', restoreWords(backup, { users: 12, ciphers: 121 }));
    expect({ exitCode, rows: rowsOf(databaseIn(stand), 'ciphers') }).toEqual({ exitCode: 0, rows: 121 });
    run(stand, 'back', [STAMP]);
    expect(Object.keys(contentOf(stand.data))).toEqual(['rsa_key.pem']);
  });

  it.skipIf(!isRoot)('gets owner and mode of what it replaces, and what is new gets those of the database', () => {
    using stand = newStand();
    addApplication(stand);
    const backup = addBackup(stand, '2026_04_03_06_00', 12);
    mkdirSync(join(backup, 'sends'));
    writeFileSync(join(backup, 'sends', 'one'), 'sent');
    chownSync(join(backup, 'sends', 'one'), 4321, 4321);
    for (const name of ['db.sqlite3', 'rsa_key.pem']) chownSync(join(stand.data, name), 1000, 1001);
    for (const name of ['attachments', join('attachments', 'live only')]) chownSync(join(stand.data, name), 1002, 1003);
    chmodSync(join(stand.data, 'rsa_key.pem'), 0o600);
    run(stand, 'restore', restoreWords(backup));
    const restored = contentOf(stand.data);
    expect(restored).toMatchObject({
      'db.sqlite3': expect.stringMatching(/^1000:1001 640 /),
      'rsa_key.pem': expect.stringMatching(/^1000:1001 600 /),
      attachments: expect.stringMatching(/^directory 1002:1003 /),
      [join('attachments', "of o'hara", 'a "quoted" $(name).bin')]: expect.stringMatching(/^1002:1003 /),
      [join('sends', 'one')]: expect.stringMatching(/^1000:1001 /),
    });
  });

  it('copies a symbolic link as a link, and follows none', () => {
    using stand = newStand();
    addApplication(stand);
    const backup = addBackup(stand, '2026_04_03_06_00', 12);
    const outside = join(stand.root, 'outside');
    writeFileSync(outside, 'of somebody else');
    const before = lstatSync(outside);
    symlinkSync(outside, join(backup, 'attachments', 'link'));
    rmSync(join(stand.data, 'attachments'), { recursive: true });
    mkdirSync(join(stand.data, 'elsewhere'));
    writeFileSync(join(stand.data, 'elsewhere', 'file'), 'stays');
    symlinkSync('elsewhere', join(stand.data, 'attachments'));
    const live = contentOf(stand.data);
    expect(run(stand, 'restore', restoreWords(backup)).exitCode).toBe(0);
    expect(contentOf(stand.data)).toMatchObject({
      attachments: expect.stringMatching(/^directory/),
      [join('attachments', 'link')]: `link to ${outside}`,
      [join('elsewhere', 'file')]: live[join('elsewhere', 'file')],
    });
    expect(readFileSync(outside, 'utf8')).toBe('of somebody else');
    expect([lstatSync(outside).uid, lstatSync(outside).mode]).toEqual([before.uid, before.mode]);
    run(stand, 'back', [STAMP]);
    expect(contentOf(stand.data)).toEqual(live);
  });
});

interface Refused {
  readonly title: string;
  readonly says: RegExp;
  readonly change: (stand: Stand, backup: string) => void;
  readonly rows?: Readonly<Record<string, number>>;
}

const REFUSED: readonly Refused[] = [
  {
    title: 'a truncated backup',
    says: /is not whole: .*malformed|is not whole: .*integrity|is not whole: \*\*\*/,
    change: (_stand, backup) => truncateSync(join(backup, 'db.sqlite3'), 16_384),
    rows: { users: 12, ciphers: 120 },
  },
  {
    title: 'a backup of no bytes',
    says: /rows cannot be counted: .*no such table/,
    change: (_stand, backup) => truncateSync(join(backup, 'db.sqlite3'), 0),
    rows: { users: 0, ciphers: 0 },
  },
  {
    title: 'a backup that is no database',
    says: /file is not a database/,
    change: (_stand, backup) => writeFileSync(join(backup, 'db.sqlite3'), 'it is a text'.repeat(1000)),
    rows: { users: 12, ciphers: 120 },
  },
  {
    title: 'a backup with a schema alone, where rows were seen',
    says: /has 0 rows in users, and 12 were seen/,
    change: (_stand, backup) => {
      rmSync(join(backup, 'db.sqlite3'));
      fillDatabase(join(backup, 'db.sqlite3'), 0, '');
    },
    rows: { users: 12, ciphers: 120 },
  },
  {
    title: 'a backup whose database is damaged',
    says: /is not whole/,
    change: (_stand, backup) => corrupt(join(backup, 'db.sqlite3')),
    rows: { users: 12, ciphers: 120 },
  },
  {
    title: 'a backup without a key that it needs',
    says: /has no rsa_key\.pem, without which it is not whole/,
    change: (_stand, backup) => rmSync(join(backup, 'rsa_key.pem')),
  },
  {
    title: 'a backup whose database is a link',
    says: /has no db\.sqlite3/,
    change: (stand, backup) => {
      cpSync(join(backup, 'db.sqlite3'), join(stand.root, 'other'));
      rmSync(join(backup, 'db.sqlite3'));
      symlinkSync(join(stand.root, 'other'), join(backup, 'db.sqlite3'));
    },
  },
  {
    title: 'a volume that holds nothing of the application',
    says: /is this the right volume/,
    change: ({ data }) => {
      rmSync(data, { recursive: true });
      mkdirSync(join(data, 'lost+found'), { recursive: true });
    },
  },
  {
    title: 'a database that is a link to another place',
    says: /is a symbolic link/,
    change: ({ root, data }) => {
      cpSync(join(data, 'db.sqlite3'), join(root, 'other'));
      rmSync(join(data, 'db.sqlite3'));
      symlinkSync(join(root, 'other'), join(data, 'db.sqlite3'));
    },
  },
];

describe.skipIf(!found.found)('nothing is changed for', () => {
  it.each(REFUSED)('$title', ({ says, change, rows }) => {
    using stand = newStand();
    addApplication(stand);
    const backup = addBackup(stand, '2026_04_03_06_00', 12);
    const words = restoreWords(backup, rows);
    change(stand, backup);
    const before = contentOf(stand.data);
    const ended = run(stand, 'restore', words);
    expect(ended).toMatchObject({ exitCode: 1, says: expect.stringMatching(says) });
    expect(contentOf(stand.data)).toEqual(before);
    expect(keptIn(stand.data)).toEqual([]);
  });

  it.each(['an open log', 'a transaction'])('a database that a process still has open with %s', async (how) => {
    using stand = newStand();
    addApplication(stand);
    if (how === 'a transaction') sqlite(databaseIn(stand), 'PRAGMA journal_mode=DELETE');
    const holder = spawn('sqlite3', ['-batch', databaseIn(stand)], { stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdin.write(`${how === 'a transaction' ? 'BEGIN IMMEDIATE;' : ''} SELECT count(*) FROM users;\n`);
    await once(holder.stdout, 'data');
    const before = contentOf(stand.data);
    const ended = run(stand, 'restore', restoreWords(addBackup(stand, '2026_04_03_06_00', 12)));
    expect(ended).toMatchObject({ exitCode: 1, says: expect.stringContaining('is locked: a process still has it open') });
    expect(contentOf(stand.data)).toEqual(before);
    holder.stdin.end();
    await once(holder, 'close');
  });

  it('a script that ends otherwise than by its own words, and it says that as well', () => {
    using stand = newStand();
    addApplication(stand);
    const words = [...restoreWords(addBackup(stand, '2026_04_03_06_00', 12)), 'table', 'users'];
    const before = contentOf(stand.data);
    expect(run(stand, 'restore', words)).toMatchObject({
      exitCode: 1,
      says: expect.stringMatching(/unbound variable\nIt ended with 1\. Nothing was changed\.\n$/),
    });
    expect(contentOf(stand.data)).toEqual(before);
    expect(keptIn(stand.data)).toEqual([]);
  });

  it('a volume without twice the space', () => {
    using stand = newStand();
    addApplication(stand);
    const words = restoreWords(addBackup(stand, '2026_04_03_06_00', 12));
    const before = contentOf(stand.data);
    // A file of which nothing is on the disk is as large as it says.
    truncateSync(join(stand.backups, '2026_04_03_06_00', 'attachments', "of o'hara", 'a "quoted" $(name).bin'), 2 ** 42);
    expect(run(stand, 'restore', words)).toMatchObject({
      exitCode: 1,
      says: expect.stringMatching(/bytes free, and twice \d+ are needed/),
    });
    expect(contentOf(stand.data)).toEqual(before);
  });
});
