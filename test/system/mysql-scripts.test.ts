import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOAD_BESIDE, SAFETY_DUMP, SWAP } from '../../src/commands/mysql-scripts.ts';
import type { Script } from '../../src/commands/script-job.ts';
import type { Output } from '../../src/core/output.ts';
import { peer } from '../peers.ts';
import { type MariadbServer, startMariadb, succeeded } from './mariadb-server.ts';
import { BEHIND_THE_LAST, OF_CLUSTER, OF_MYSQL, SITE, writes } from './mysql-dumps.ts';

const mariadbd = peer('mariadbd');
const HOST = ['localhost', 'root'] as const;
const BESIDE = 'codimd_restore_storagebot-1';
const BROKEN = 'codimd_broken_storagebot-1';

describe.skipIf(!mariadbd.found)('restores of MySQL with the scripts of the Jobs, on a real MariaDB', () => {
  let server: MariadbServer;
  let folder: string;
  let whole: string;

  beforeAll(async () => {
    if (!mariadbd.found) return;
    server = await startMariadb(mariadbd.path);
    folder = join(server.directory, 'backup');
    await mkdir(folder);
    await chmod(folder, 0o777);
    await server.sql(SITE);
    const dump = succeeded(await server.run(['mysqldump', '--no-defaults', '--user=root', '--all-databases'])).stdout;
    // As the dump of the site would be: by MySQL 8.0, before the server was updated, of a member of a group.
    whole = dump
      .replace(/^\/\*M!999999.*\n/, '')
      .replace(/^-- MariaDB dump .*$/m, '-- MySQL dump 10.13  Distrib 8.0.45, for Linux (x86_64)')
      .replace(/^(?=--\n-- Current Database)/m, OF_MYSQL)
      .replace(/^(?=--\n-- Current Database: `shlink`)/m, OF_CLUSTER)
      .replace(/^\/\*!40103 SET TIME_ZONE=@OLD_TIME_ZONE \*\/;\n/m, BEHIND_THE_LAST);
    await keep('dump_good.sql.gz', whole);
    await server.sql("SET PASSWORD FOR codimd = PASSWORD('rotated')");
    await server
      .sql("UPDATE Notes SET body = 'overwritten'; DELETE FROM Users WHERE id = 4; INSERT INTO Empty VALUES (1)", 'codimd')
      .catch(() => {});
    await server.sql(
      "SET foreign_key_checks = 0; DELETE FROM Users WHERE id > 1; UPDATE Notes SET body = 'overwritten'",
      'codimd',
    );
  });
  afterAll(() => server.stop());

  const pathOf = (name: string) => join(folder, name);
  const keep = (name: string, text: string) => writeFile(pathOf(name), gzipSync(text));
  const run = (script: Script, ...args: readonly string[]): Promise<Output> =>
    server.run(['/bin/bash', '-euo', 'pipefail', '-c', script.text, script.name, ...HOST, ...args]);
  const load = (name: string, beside = BESIDE, db = 'codimd') => run(LOAD_BESIDE, db, pathOf(name), beside);
  const databases = async () => (await server.sql('SHOW DATABASES')).trim().split('\n');
  const canLogIn = async (password: string) =>
    (
      await server.run(['mysql', '--no-defaults', '--user=codimd', '--execute=SELECT 1', 'codimd'], {
        env: { MYSQL_PWD: password },
      })
    ).exitCode === 0;

  test.each<[string, () => string, RegExp]>([
    ['cut off inside an INSERT', () => whole.slice(0, whole.indexOf('INSERT INTO `Notes`') + 5_000), /is cut off/],
    [
      'cut off behind a statement, which a plain restore takes with exit code 0',
      () => whole.slice(0, whole.indexOf(';\n', whole.indexOf('INSERT INTO `Notes`')) + 2),
      /is cut off/,
    ],
    ['empty', () => '', /does not begin like a dump/],
    ['of PostgreSQL', () => '--\n-- PostgreSQL database cluster dump\n--\n', /does not begin like a dump/],
    ['without the database', () => whole.replaceAll('`codimd`', '`other`'), /has no database codimd/],
    [
      'with a line that nobody knows',
      () => whole.replace('LOCK TABLES `Users`', 'SHUTDOWN;\nLOCK TABLES `Users`'),
      /a line that is not known: SHUTDOWN/,
    ],
  ])('a dump that is %s makes nothing', async (name, text, says) => {
    await keep('bad.sql.gz', text());
    const { exitCode, stderr } = await load('bad.sql.gz');
    expect({ name, exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(says) });
    expect(await databases()).not.toContain(BESIDE);
  });

  test('a file that gzip cannot unpack to its end makes nothing', async () => {
    const packed = gzipSync(whole);
    await writeFile(pathOf('torn.sql.gz'), packed.subarray(0, packed.length / 2));
    expect(await load('torn.sql.gz')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is damaged') });
    expect(await databases()).not.toContain(BESIDE);
  });

  test('a plain restore of what was cut off behind a statement ends with exit code 0 and loses rows', async () => {
    const section = whole.slice(whole.indexOf('DROP TABLE IF EXISTS `Notes`'));
    const input = section.slice(0, section.indexOf(';\n', section.indexOf('INSERT INTO `Notes`')) + 2);
    await server.sql('CREATE DATABASE naive');
    const before = '--init-command=SET NAMES utf8mb4, foreign_key_checks = 0';
    expect(await server.run(['mysql', '--no-defaults', '--user=root', before, 'naive'], { input })).toMatchObject({
      exitCode: 0,
    });
    expect(Number(await server.sql('SELECT COUNT(*) FROM naive.Notes'))).toBeLessThan(3_000);
    await server.sql('DROP DATABASE naive');
  });

  test('views, triggers, routines and events are refused, since no rename moves them', async () => {
    expect(await load('dump_good.sql.gz', 'speedtest_restore_x', 'speedtest')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('has views, triggers'),
    });
    const moved = await server.run([
      'mysql',
      '--no-defaults',
      '--user=root',
      '--execute=RENAME TABLE speedtest.results TO shlink.results',
    ]);
    expect(moved).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('ERROR 1435') });
  });

  test.each(['mysql', 'sys', 'mysql_innodb_cluster_metadata', '-x', 'a`b', ''])(
    '%j is no database that it touches',
    async (db) => {
      for (const script of [SAFETY_DUMP, LOAD_BESIDE, SWAP]) {
        expect(await run(script, db, pathOf('dump_good.sql.gz'), BESIDE)).toMatchObject({ exitCode: 1 });
      }
      expect(await databases()).not.toContain(BESIDE);
    },
  );

  test('a server that takes no writes is refused', async () => {
    await server.sql('SET GLOBAL read_only = ON');
    expect(await load('dump_good.sql.gz')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is not the primary') });
    const file = pathOf('of_a_replica.sql.gz');
    for (const refused of [run(SWAP, 'codimd', BESIDE, BROKEN), run(SAFETY_DUMP, 'codimd', file)])
      expect(await refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is not the primary') });
    await server.sql('SET GLOBAL read_only = OFF');
  });

  test('what is there now is copied to a file of its own, which is whole and is never overwritten', async () => {
    const file = pathOf('pre_restore_codimd.sql.gz');
    const first = await run(SAFETY_DUMP, 'codimd', file);
    expect({ ...first }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is kept in') });
    const text = gunzipSync(await readFile(file)).toString();
    expect(text).toContain('overwritten');
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^-- Dump completed on /);
    expect(await run(SAFETY_DUMP, 'codimd', file)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is there already'),
    });
    expect(gunzipSync(await readFile(file)).toString()).toBe(text);
    expect(await run(SAFETY_DUMP, 'gone', pathOf('none.sql.gz'))).toMatchObject({ exitCode: 2 });
    await expect(readFile(pathOf('none.sql.gz'))).rejects.toThrow('ENOENT');
  });

  test('a dump is restored beside, compared row by row, swapped, and taken back; who writes meanwhile loses nothing', async () => {
    const loaded = await load('dump_good.sql.gz');
    expect({ ...loaded }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('4 tables of codimd are in') });
    expect(await load('dump_good.sql.gz')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is there already') });
    expect(
      await server.sql(
        `SELECT COUNT(*), (SELECT COUNT(*) FROM \`${BESIDE}\`.Users), (SELECT name FROM \`${BESIDE}\`.Users WHERE id = 2) FROM \`${BESIDE}\`.Notes`,
      ),
    ).toBe('3000\t4\t短い🙂\n');
    // Meanwhile the database itself is as it was, and the server's own tables too.
    expect(await server.sql("SELECT COUNT(*) FROM codimd.Notes WHERE body = 'overwritten'")).toBe('3000\n');
    expect(await databases()).not.toContain('mysql_innodb_cluster_metadata');

    const writer = writes(server);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const swapped = await run(SWAP, 'codimd', BESIDE, BROKEN);
    expect({ ...swapped }).toMatchObject({ exitCode: 0 });
    await new Promise((resolve) => setTimeout(resolve, 150));
    const acknowledged = await writer.stop();
    const old = (await server.sql(`SELECT name FROM \`${BROKEN}\`.Users`)).split('\n');
    const now = (await server.sql('SELECT name FROM codimd.Users')).split('\n');
    const after = acknowledged.filter((name) => now.includes(name));
    expect(acknowledged.filter((name) => !now.includes(name) && !old.includes(name))).toEqual([]);
    expect({ before: acknowledged.length - after.length > 0, after: after.length > 0 }).toEqual({ before: true, after: true });
    expect(await server.sql("SELECT COUNT(*) FROM codimd.Notes WHERE body = 'overwritten'")).toBe('0\n');
    expect(await server.sql(`SELECT COUNT(*) FROM \`${BROKEN}\`.Notes WHERE body = 'overwritten'`)).toBe('3000\n');
    expect(await canLogIn('rotated')).toBe(true);
    expect(await canLogIn('of that night')).toBe(false);
    // The keys between the tables went with them.
    await expect(server.sql('INSERT INTO Notes (owner) VALUES (99999)', 'codimd')).rejects.toThrow(
      'foreign key constraint fails',
    );
    expect(await server.sql('SHOW CREATE TABLE Notes', 'codimd')).toContain('REFERENCES `Users`');

    expect(await run(SWAP, 'codimd', BESIDE, BROKEN)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('already') });
    expect(await run(SWAP, 'codimd', BROKEN, BESIDE)).toMatchObject({ exitCode: 0 });
    expect(await server.sql("SELECT COUNT(*) FROM codimd.Notes WHERE body = 'overwritten'")).toBe('3000\n');
    expect((await server.sql(`SELECT name FROM \`${BESIDE}\`.Users`)).split('\n')).toEqual(expect.arrayContaining(after));
  });

  test('a safety copy can be restored like any dump', async () => {
    const beside = 'codimd_restore_of-copy';
    expect(await load('pre_restore_codimd.sql.gz', beside)).toMatchObject({ exitCode: 0 });
    expect(await server.sql(`SELECT COUNT(*) FROM \`${beside}\`.Notes WHERE body = 'overwritten'`)).toBe('3000\n');
    await server.sql(`DROP DATABASE \`${beside}\``);
  });

  test('a dump with tables and no row is told by its counts: it loads', async () => {
    await keep('schema.sql.gz', whole.replaceAll(/^INSERT INTO [\s\S]*?;\n(?=\/\*!40000 ALTER|UNLOCK)/gm, ''));
    expect(await load('schema.sql.gz', 'codimd_restore_schema')).toMatchObject({ exitCode: 0 });
    expect(await server.sql('SELECT COUNT(*) FROM codimd_restore_schema.Notes')).toBe('0\n');
  });

  test('rows that do not come out as they are in the dump are found, and nothing is left of them', async () => {
    // Without a strict mode the server cuts what is too long, and says so in a warning that nobody reads.
    await keep('long.sql.gz', whole.replace('`name` varchar(80)', '`name` varchar(3)'));
    expect(await load('long.sql.gz', 'codimd_restore_long')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('are not those that are in it'),
    });
    expect(await databases()).not.toContain('codimd_restore_long');
  });

  test('a database to which tables of others refer, or that a restore did not make, is not swapped', async () => {
    await server.sql('CREATE TABLE shlink.of_user (id INT, FOREIGN KEY (id) REFERENCES codimd.Users (id))');
    expect(await run(SWAP, 'codimd', BESIDE, BROKEN)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('refer to codimd'),
    });
    await server.sql('DROP TABLE shlink.of_user');
    expect(await run(SWAP, 'codimd', 'shlink', 'x')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('was made by a restore'),
    });
    expect(await server.sql('SHOW TABLES', 'shlink')).toBe('short_urls\n');
  });

  test('while somebody holds a table of it, nothing is renamed', async () => {
    const reader = server.sql('START TRANSACTION; SELECT 1 FROM codimd.Users LIMIT 1; SELECT SLEEP(13)');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { exitCode, stderr } = await run(SWAP, 'codimd', BESIDE, BROKEN);
    await reader;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nothing was renamed') });
    expect(await server.sql("SELECT COUNT(*) FROM codimd.Notes WHERE body = 'overwritten'")).toBe('3000\n');
  });

  test('a database that is gone comes back under its own name', async () => {
    await server.sql('DROP DATABASE shlink');
    expect(await load('dump_good.sql.gz', 'shlink_restore_1', 'shlink')).toMatchObject({ exitCode: 0 });
    expect(await run(SWAP, 'shlink', 'shlink_restore_1', 'shlink_broken_1')).toMatchObject({ exitCode: 0 });
    expect(await server.sql('SELECT COUNT(*) FROM shlink.short_urls')).toBe('2\n');
    // What is made in it later sorts and compares as before.
    expect(await server.sql("SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = 'shlink'")).toBe(
      'utf8mb4_unicode_ci\n',
    );
  });

  test('of the last database of a dump nothing is taken that stands behind its rows', async () => {
    const last = whole.slice(whole.indexOf('-- Current Database: `wrongmove`'));
    expect(last).toContain('SET @@GLOBAL.GTID_PURGED');
    expect(last).toContain('SET GLOBAL INNODB_STATS_AUTO_RECALC');
    const loaded = await load('dump_good.sql.gz', 'wrongmove_restore_1', 'wrongmove');
    expect({ ...loaded }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 tables of wrongmove') });
    expect(await server.sql('SELECT price FROM wrongmove_restore_1.listings')).toBe('250\n310\n');
  });

  test('a line that is not known is told without the values in it', async () => {
    await keep('odd.sql.gz', whole.replace('INSERT INTO `listings` VALUES', 'REPLACE INTO `listings` VALUES'));
    const { exitCode, stderr } = await load('odd.sql.gz', 'wrongmove_restore_2', 'wrongmove');
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('a line that is not known: REPLACE INTO `listings`\n'),
    });
  });

  test('the documented command with "<" in its list restores nothing', async () => {
    const plain = pathOf('dump.sql');
    await copyFile(pathOf('dump_good.sql.gz'), `${plain}.gz`);
    const before = await server.sql('CHECKSUM TABLE codimd.Notes, shlink.short_urls');
    const { exitCode, stdout } = await server.run(['mysql', '--no-defaults', '--user=root', '<', plain]);
    expect({ exitCode, usage: stdout.includes('Usage: mysql') }).toEqual({ exitCode: 1, usage: true });
    expect(await server.sql('CHECKSUM TABLE codimd.Notes, shlink.short_urls')).toBe(before);
  });

  test('the whole dump over the server brings old passwords back, and the database of the cluster of that night', async () => {
    expect(await canLogIn('rotated')).toBe(true);
    const input = whole.replace(OF_MYSQL, '').replace(BEHIND_THE_LAST, '');
    expect(await server.run(['mysql', '--no-defaults', '--user=root'], { input })).toMatchObject({ exitCode: 0 });
    await server.sql('FLUSH PRIVILEGES');
    expect({ rotated: await canLogIn('rotated'), old: await canLogIn('of that night') }).toEqual({ rotated: false, old: true });
    expect(await server.sql('SELECT * FROM mysql_innodb_cluster_metadata.clusters')).toBe('of that night\n');
  });
});
