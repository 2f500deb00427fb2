import { describe, expect, test } from 'vitest';
import diagnoseSqlite from '../../runbooks/diagnose-sqlite/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { abortJournal, VAULT } from '../lab/scenarios/block-changes.ts';
import { mountOf, podOf } from '../lab/scenarios/changes.ts';
import { BROKEN, corrupt, failBackups, refuse, setFile } from '../lab/scenarios/sqlite-changes.ts';
import { sqliteOf } from '../lab/site/databases/sqlite.ts';
import type { World } from '../lab/site/index.ts';
import { codesOf, lookAt, PODS, worldIn } from './world.ts';

const MEBIBYTE = 1_048_576;

function look(change: (world: World) => void, words: readonly string[] = ['vaultwarden']) {
  const world = worldIn('sqlite-well');
  change(world);
  return lookAt(world, { words, runbook: diagnoseSqlite });
}

async function codesAfter(change: (world: World) => void, words?: readonly string[]) {
  return codesOf(await look(change, words));
}

function integrity(...lines: readonly string[]) {
  return (world: World) => void Object.assign(sqliteOf(world, 'vaultwarden').database, { integrity: lines });
}

const TABLES = ['corrupt-tables vaultwarden'];
const INDEXES = ['corrupt-indexes vaultwarden'];
const RULES = ['rules-broken vaultwarden'];

describe('what PRAGMA integrity_check says is damage', () => {
  test.each([
    [INDEXES, ['row 5 missing from index by_owner']],
    [INDEXES, ['wrong # of entries in index by_owner']],
    [INDEXES, ['row 5 values differ from index by_owner']],
    [INDEXES, ['*** in database main ***', 'Page 902 is never used', 'Page 903: never used']],
    [INDEXES, ['row 5 missing from index by_owner', 'NULL value in users.name']],
    [RULES, ['NULL value in users.name']],
    [RULES, ['CHECK constraint failed in ciphers', 'NUMERIC value in users.name', 'non-INTEGER value in users.id']],
    [TABLES, ['*** in database main ***', 'Tree 14 page 1187: btreeInitPage() returns error code 11']],
    [TABLES, ['*** in database main ***', 'On tree page 5 cell 0: invalid page number 260050816']],
    [TABLES, ['Tree 5 page 9: 2nd reference to page 11', 'row 5 missing from index by_owner']],
    [TABLES, ['Freelist: size is 3 but should be 5']],
    [TABLES, ['non-unique entry in index by_name']],
    [TABLES, ['row not in PRIMARY KEY order for users']],
    [TABLES, ['a line of a version that nobody has seen']],
    [TABLES, ['OK']],
  ])('%j: %j', async (expected, lines) => {
    expect(await codesAfter(integrity(...lines))).toEqual(expected);
  });
});

describe('a restore', () => {
  test.each([
    [5, 'database is locked', 'locked vaultwarden'],
    [8, 'attempt to write a readonly database', 'not-readable vaultwarden'],
    [10, 'disk I/O error', 'io-error vaultwarden'],
    [266, 'disk I/O error', 'io-error vaultwarden'],
    [14, 'unable to open database file', 'cannot-open vaultwarden'],
  ])('is not offered for %i, %s, whatever the log of the application says', async (code, says, expected) => {
    const { diagnosis } = await look((world) => {
      refuse(world, 'vaultwarden', code, says);
      sqliteOf(world, 'vaultwarden').lab.log = ['database disk image is malformed'];
    });
    expect(diagnosis.findings.map((finding) => `${finding.code} ${finding.subject}`)).toEqual([expected]);
    for (const { remedy, doNot } of diagnosis.findings) {
      expect(remedy).not.toContain('restore');
      expect(doNot).toContain('Do not restore');
    }
  });

  test('is not offered for indexes, and names the newest good backup and what would be lost for tables', async () => {
    const indexes = await look(integrity('row 5 missing from index by_owner'));
    expect(indexes.diagnosis.findings[0]?.remedy).toContain('/storage restore sqlite vaultwarden reindex');
    const tables = await look((world) => corrupt(world, 'vaultwarden'));
    expect(tables.diagnosis.findings[0]?.remedy).toMatch(
      /newest good one is 2026_04_03_06_00; what was written since .* 3 hours later/,
    );
    expect(tables.diagnosis.findings[0]?.doNot).toContain('vaultwarden-data-iscsi');
  });

  test('is not offered for what the log says alone: the database is whole now', async () => {
    const { diagnosis } = await look((world) => {
      sqliteOf(world, 'vaultwarden').lab.log = ['database disk image is malformed', 'file is not a database'];
    });
    expect(verdictOf(diagnosis)).toBe('well');
    expect(diagnosis.evidence.map(({ says }) => says).join('\n')).toContain('SQLite finds the database whole now');
  });
});

describe('what is around a database', () => {
  test('backups that succeed are not told to be refused, however damaged it is', async () => {
    expect(await codesAfter((world) => corrupt(world, 'vaultwarden', BROKEN))).toEqual(TABLES);
    expect(await codesAfter((world) => failBackups(world, world.time.nowMs - 86_400_000))).toEqual([]);
  });

  test('a backup without its key, or without a row, is not good', async () => {
    const spoil = (change: object) => (world: World) => {
      corrupt(world, 'vaultwarden');
      for (const [path, backup] of world.databases.backups ?? [])
        if (backup.content.kind === 'sqlite')
          world.databases.backups?.set(path, { ...backup, content: { ...backup.content, ...change } });
    };
    for (const change of [{ files: ['db.sqlite3'] }, { tables: { users: 0, ciphers: 0 } }, { tables: { users: 4 } }])
      expect(await codesAfter(spoil(change))).toEqual([...TABLES, 'no-good-backup vaultwarden']);
  });

  test.each([
    [9, []],
    [7, ['volume-full vaultwarden']],
  ])('%i MiB of room', async (freeMebibytes, expected) => {
    const codes = await codesAfter((world) => {
      const volume = world.hypervisor.volumes.find(
        ({ fileSystem }) => fileSystem?.madeFor === 'vaultwarden/vaultwarden-data-proxmox',
      );
      if (volume?.fileSystem === undefined) throw new Error('no file system');
      volume.fileSystem.usedBytes = volume.fileSystem.sizeBytes - freeMebibytes * MEBIBYTE;
    });
    expect(codes).toEqual(expected);
  });

  test.each([
    [63, []],
    [64, ['log-large vaultwarden']],
  ])('a log of %i MiB beside a database of 8', async (mebibytes, expected) => {
    expect(await codesAfter((world) => setFile(world, 'vaultwarden', '-wal', mebibytes * MEBIBYTE))).toEqual(expected);
  });

  test('a log as large as that beside a database much larger is usual', async () => {
    const codes = await codesAfter((world) => {
      setFile(world, 'vaultwarden', '-wal', 64 * MEBIBYTE);
      sqliteOf(world, 'vaultwarden').file.bytes = 900 * MEBIBYTE;
    });
    expect(codes).toEqual([]);
  });

  test.each([
    [0, 0o600, 0, []],
    [1_000, 0o600, 1_000, []],
    [1_000, 0o660, 0, ['no-permission vaultwarden']],
    [1_000, 0o646, 0, []],
  ])('a program of user %i and a file of mode %o of user %i', async (runAsUser, mode, uid, expected) => {
    const codes = await codesAfter((world) => {
      const { namespace = '', name } = podOf(world, VAULT).metadata;
      world.store.patch({ resource: PODS, namespace, name }, { spec: { securityContext: { runAsUser, runAsGroup: 1_000 } } });
      for (const file of sqliteOf(world, 'vaultwarden').lab.files.values())
        Object.assign(file, { mode, uid, ...(file.isDirectory && { mode: 0o777 }) });
    });
    expect(codes).toEqual(expected);
  });

  test('a program whose group only its image knows may be in the one of the file: no word about its permission', async () => {
    const codes = await codesAfter((world) => {
      const { namespace = '', name } = podOf(world, VAULT).metadata;
      world.store.patch({ resource: PODS, namespace, name }, { spec: { securityContext: { runAsUser: 1_000 } } });
      for (const file of sqliteOf(world, 'vaultwarden').lab.files.values())
        Object.assign(file, { mode: file.isDirectory ? 0o777 : 0o660, uid: 0, gid: 1_000 });
    });
    expect(codes).toEqual([]);
  });

  test('a directory in which nothing is mounted is not the volume: no word about a database in it', async () => {
    const { diagnosis } = await look((world) => {
      corrupt(world, 'vaultwarden');
      const { uid } = podOf(world, VAULT).metadata;
      for (const { mounts } of world.nodes.values()) {
        const index = mounts.findIndex(({ podUid }) => podUid === uid);
        if (index >= 0) mounts.splice(index, 1);
      }
    });
    expect(diagnosis.findings).toEqual([]);
    expect(verdictOf(diagnosis)).toBe('blind');
  });

  test('a mount that never answers is no answer, and nothing about the database', async () => {
    const { diagnosis } = await look(
      (world) => {
        corrupt(world, 'headscale');
        mountOf(world, { namespace: 'headscale', name: 'headscale' }, 'headscale-data').hangs = 'unkillable';
      },
      ['headscale'],
    );
    expect(diagnosis.findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['on-nfs headscale/headscale-data']);
    expect(diagnosis.evidence.filter(({ status }) => status === 'unknown').length).toBeGreaterThan(1);
  });

  test('a disk that is read-only and a database that is damaged are both told', async () => {
    const codes = await codesAfter((world) => {
      abortJournal(world, VAULT);
      corrupt(world, 'vaultwarden');
    });
    expect(codes).toEqual([...TABLES, 'read-only vaultwarden']);
  });

  test('a service that the configuration does not have is refused, with the nearest name', async () => {
    await expect(look(() => {}, ['vaultwardn'])).rejects.toThrow('Did you mean vaultwarden?');
    await expect(look(() => {}, ['nextcloud'])).rejects.toThrow('site.databases.sqlite');
  });
});
