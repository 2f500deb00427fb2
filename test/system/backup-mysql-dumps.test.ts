import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MysqlDump, mysqlDump } from '../../src/commands/backup-dumps.ts';
import { peer } from '../peers.ts';
import { askWith, type FarTools, farTools } from './far-tools.ts';
import { type MariadbServer, startMariadb } from './mariadb-server.ts';

const mariadbd = peer('mariadbd');
const NAS = { name: 'truenas', sudo: false };

/** Values, names and routines that look like other parts of a dump. */
const WORLD = String.raw`
CREATE DATABASE app; CREATE DATABASE bare; CREATE DATABASE ${'`'}odd${'``'}db${'`'};
USE app;
CREATE TABLE notes (id int PRIMARY KEY, text varchar(200));
INSERT INTO notes SELECT seq, concat('it''s (', seq, '),(\\ "x" \n;') FROM seq_1_to_3000;
CREATE TABLE nothing (id int);
CREATE TABLE ${'`'}we${'``'}ird (t)${'`'} (${'`'}a),b${'`'} int, c int GENERATED ALWAYS AS (${'`'}a),b${'`'} + 1));
INSERT INTO ${'`'}we${'``'}ird (t)${'`'} (${'`'}a),b${'`'}) VALUES (1), (2);
CREATE TABLE bin (b blob);
INSERT INTO bin VALUES (0x00275C0A29282C3B), (NULL), ('-- Dump completed on 2026'), ('a\\');
CREATE VIEW v AS SELECT * FROM notes;
CREATE TRIGGER tr BEFORE INSERT ON nothing FOR EACH ROW INSERT INTO notes VALUES (0, 'x');
CREATE PROCEDURE p() INSERT INTO
nothing VALUES (1), (2);
CREATE FUNCTION ${'`'}f (x)${'`'}() RETURNS INT RETURN 1;
CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO DELETE FROM nothing;
`;

describe.skipIf(!mariadbd.found)('a dump of mysqldump', () => {
  const tools = farTools();
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-dumps-'));
  let server: MariadbServer;
  let whole: string;

  beforeAll(async () => {
    if (!mariadbd.found) return;
    server = await startMariadb(mariadbd.path);
    await server.sql(WORLD);
    whole = await dump('--all-databases', '--routines', '--events');
  }, 90_000);

  afterAll(async () => {
    await server?.stop();
    rmSync(directory, { recursive: true });
  });

  async function dump(...options: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await server.run(['mysqldump', '--no-defaults', '--user=root', ...options]);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  }

  function lookAt(
    content: string | Buffer,
    { name = 'dump.sql', with: one = tools[0] }: { name?: string; with?: FarTools | undefined } = {},
  ): MysqlDump {
    if (one === undefined) throw new Error('there is no shell here');
    const path = join(directory, name);
    writeFileSync(path, content);
    const seen = askWith(one, mysqlDump(NAS, path));
    if (!seen.known) throw new Error(seen.why.says);
    return seen.value;
  }

  const TABLES = [
    { name: 'bin', hasRows: true, rows: 4 },
    { name: 'notes', hasRows: true, rows: 3_000 },
    { name: 'nothing', hasRows: false, rows: 0 },
    { name: 'we`ird (t)', hasRows: true, rows: 2 },
  ];

  const PROGRAMS = ['event e', 'function f (x)', 'procedure p', 'trigger tr', 'view v'];

  function app({ databases }: MysqlDump) {
    return databases.find(({ name }) => name === 'app')?.tables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  test.each(tools)('is read to its end, with exact rows of each table, by $name', (one) => {
    const seen = lookAt(gzipSync(whole), { name: 'dump.sql.gz', with: one });
    expect(seen).toMatchObject({ readable: true, hasHeader: true, hasTrailer: true, setsGtid: false });
    expect(seen.serverVersion).toMatch(/^\d+\.\d+\.\d+/);
    expect(app(seen)).toEqual(TABLES);
    expect(seen.databases.find(({ name }) => name === 'app')?.programs.toSorted()).toEqual(PROGRAMS);
    expect(seen.databases.find(({ name }) => name === 'bare')?.programs).toEqual([]);
    expect(seen.databases.map(({ name }) => name)).toEqual(expect.arrayContaining(['app', 'bare', 'mysql', 'odd`db']));
  });

  test.each([
    ['with the names of columns', ['--all-databases', '--complete-insert', '--hex-blob']],
    ['with a statement for each row', ['--all-databases', '--skip-extended-insert']],
    ['of one database, which it names in its head alone', ['app']],
    ['with a large buffer', ['--all-databases', '--net-buffer-length=16M']],
  ])('%s has the same rows', async (_how, options) => {
    expect(app(lookAt(await dump(...options)))).toEqual(TABLES);
  });

  test.each(tools)('as MySQL writes it, with all rows of a statement in one line, has the same rows, says $name', (one) => {
    const oneLine = whole.replaceAll(
      / VALUES\n((?:\(.*\),\n)*\(.*\);\n)/g,
      (_all, rows: string) => ` VALUES ${rows.replaceAll('),\n(', '),(')}`,
    );
    expect(oneLine).toMatch(/INSERT INTO `notes` VALUES \(1,'.*'\),\(2,'/);
    expect(app(lookAt(oneLine, { with: one }))).toEqual(TABLES);
  });

  test('without data has tables and no row', async () => {
    const seen = lookAt(await dump('--all-databases', '--no-data'));
    expect(seen.hasTrailer).toBe(true);
    expect(app(seen)?.map(({ hasRows }) => hasRows)).toEqual([false, false, false, false]);
  });

  test('that was cut after a statement, or in one, has no trailer', () => {
    const at = whole.indexOf('(2500,');
    for (const cut of [whole.slice(0, at), whole.slice(0, whole.lastIndexOf('\n/*!40000 ALTER TABLE'))])
      expect(lookAt(cut)).toMatchObject({ readable: true, hasHeader: true, hasTrailer: false });
    expect(lookAt(gzipSync(whole).subarray(0, 9_000), { name: 'cut.sql.gz' })).toMatchObject({
      readable: false,
      hasTrailer: false,
    });
  });

  test('tells that it sets GTID_PURGED', () => {
    const sets = "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3E11FA47-71CA-11E1-9E33-C80AA9429562:1-23';\n";
    expect(lookAt(whole.replace('/*!40101 SET', `${sets}/*!40101 SET`)).setsGtid).toBe(true);
  });
});
