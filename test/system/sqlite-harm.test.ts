import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { peer } from '../peers.ts';
import {
  addApplication,
  addBackup,
  contentOf,
  corrupt,
  newStand,
  restoreWords,
  rowsOf,
  run,
  type Stand,
  sqlite,
} from './sqlite-stand.ts';

const found = peer('sqlite3');

const databaseIn = ({ data }: Stand) => join(data, 'db.sqlite3');

/** What the procedure of the site says, word by word, on these directories. */
function documented({ data }: Stand, backup: string): string {
  const text = `cp ${backup}/db.sqlite3 ${data}/ && cp ${backup}/rsa_key.pem ${data}/ && cp ${backup}/rsa_key.pub.pem ${data}/ && cp -r ${backup}/attachments ${data}/ 2>/dev/null; echo "Restore complete"`;
  const { status, stdout } = spawnSync('/bin/sh', ['-c', text], { encoding: 'utf8' });
  return `${status} ${stdout.trim()}`;
}

describe.skipIf(!found.found)('the documented line', () => {
  it('leaves a log that is replayed over what it restored, and this does not', () => {
    const restore = (how: (stand: Stand, backup: string) => unknown) => {
      using stand = newStand();
      addApplication(stand);
      // The backup is of the same database, an hour earlier: the salts of the log are checked against the log alone.
      const backup = join(stand.backups, 'good');
      mkdirSync(backup);
      copyFileSync(databaseIn(stand), join(backup, 'db.sqlite3'));
      for (const name of ['rsa_key.pem', 'rsa_key.pub.pem']) writeFileSync(join(backup, name), 'key');
      const rows = rowsOf(join(backup, 'db.sqlite3'), 'ciphers');
      how(stand, backup);
      return { ofBackup: rows, restored: rowsOf(databaseIn(stand), 'ciphers') };
    };
    expect(restore(documented)).toEqual({ ofBackup: 70, restored: 71 });
    expect(restore((stand, backup) => run(stand, 'restore', restoreWords(backup)))).toEqual({ ofBackup: 70, restored: 70 });
  });

  it('corrupts a restored database of other pages by the log that it leaves, and this does not', () => {
    const integrity = (how: (stand: Stand, backup: string) => unknown) => {
      using stand = newStand();
      addApplication(stand, 300);
      const rewritten = "UPDATE ciphers SET data = data || 'x' WHERE id <= 50";
      sqlite(databaseIn(stand), '.dbconfig no_ckpt_on_close on', rewritten);
      const backup = addBackup(stand, 'good', 12);
      writeFileSync(join(backup, 'rsa_key.pub.pem'), 'key');
      how(stand, backup);
      const { stdout, stderr } = spawnSync('sqlite3', ['-batch', databaseIn(stand), 'PRAGMA integrity_check'], {
        encoding: 'utf8',
      });
      return `${stdout}${stderr}`.trim() === 'ok';
    };
    expect(integrity(documented)).toBe(false);
    expect(integrity((stand, backup) => run(stand, 'restore', restoreWords(backup)))).toBe(true);
  });

  it('stops at a key that newer versions do not have, and prints success without the attachments; this restores them', () => {
    const attachments = (how: (stand: Stand, backup: string) => unknown) => {
      using stand = newStand();
      addApplication(stand);
      const said = how(stand, addBackup(stand, 'good', 12));
      return { said, restored: existsSync(join(stand.data, 'attachments', "of o'hara")) };
    };
    expect(attachments(documented)).toEqual({ said: '0 Restore complete', restored: false });
    expect(attachments((stand, backup) => run(stand, 'restore', restoreWords(backup)).exitCode)).toEqual({
      said: 0,
      restored: true,
    });
  });

  it('restores into a claim that was left behind, and the application has what it had', () => {
    using stand = newStand();
    addApplication(stand);
    using leftover = newStand();
    addApplication(leftover);
    const backup = addBackup(stand, 'good', 12);
    const before = contentOf(stand.data);
    writeFileSync(join(backup, 'rsa_key.pub.pem'), 'key');
    expect(documented(leftover, backup)).toBe('0 Restore complete');
    expect(contentOf(stand.data)).toEqual(before);
  });
});

describe.skipIf(!found.found)('indexes alone', () => {
  /** Rows that the table has and the index has not, as a torn write leaves them. */
  function damageIndex(file: string): void {
    sqlite(file, 'CREATE INDEX by_data ON ciphers(data)');
    const root = sqlite(file, "SELECT rootpage FROM sqlite_master WHERE name='by_data'");
    sqlite(file, 'PRAGMA writable_schema=ON', "DELETE FROM sqlite_master WHERE name='by_data'");
    sqlite(file, 'DELETE FROM ciphers WHERE id > 60', "INSERT INTO ciphers(data) VALUES ('not in the index')");
    sqlite(
      file,
      'PRAGMA writable_schema=ON',
      `INSERT INTO sqlite_master VALUES ('index', 'by_data', 'ciphers', ${root}, 'CREATE INDEX by_data ON ciphers(data)')`,
    );
    expect(sqlite(file, 'PRAGMA integrity_check')).toMatch(/wrong # of entries in index by_data|missing from index by_data/);
  }

  it('are made anew on a copy, which takes the place of the database; taken back, it is byte for byte what it was', () => {
    using stand = newStand();
    addApplication(stand);
    damageIndex(databaseIn(stand));
    const before = contentOf(stand.data);
    const words = ['storagebot-1-1-reindex', 'table', 'users', 'table', 'ciphers'];
    expect(run(stand, 'reindex', words)).toMatchObject({ exitCode: 0 });
    expect(sqlite(databaseIn(stand), 'PRAGMA integrity_check')).toBe('ok');
    expect(sqlite(databaseIn(stand), "SELECT count(*) FROM ciphers INDEXED BY by_data WHERE data = 'not in the index'")).toBe(
      '1',
    );
    const { 'db.sqlite3': _new, ...others } = contentOf(stand.data);
    const { 'db.sqlite3': _old, 'db.sqlite3-wal': _wal, 'db.sqlite3-shm': _shm, ...untouched } = before;
    expect(others).toEqual(untouched);
    expect(run(stand, 'back', ['storagebot-1-1-reindex'])).toMatchObject({ exitCode: 0 });
    expect(contentOf(stand.data)).toEqual(before);
  });

  it('are refused where the table is damaged too, and the database stays as it is', () => {
    using stand = newStand();
    addApplication(stand);
    sqlite(databaseIn(stand), 'PRAGMA journal_mode=DELETE');
    corrupt(databaseIn(stand));
    const before = contentOf(stand.data);
    const ended = run(stand, 'reindex', ['storagebot-1-1-reindex', 'table', 'users', 'table', 'ciphers']);
    expect(ended).toMatchObject({
      exitCode: 1,
      says: expect.stringMatching(/more than the indexes is damaged|cannot be made anew/),
    });
    expect(contentOf(stand.data)).toEqual(before);
  });
});
