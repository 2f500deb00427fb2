import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as mysql from '../../src/commands/mysql.ts';
import * as databases from '../../src/commands/mysql-databases.ts';
import type { Read } from '../../src/core/command.ts';
import type { Output } from '../../src/core/output.ts';
import { understand } from '../../src/core/reading.ts';
import { peer } from '../peers.ts';
import { type MariadbServer, startMariadb } from './mariadb-server.ts';

const mariadbd = peer('mariadbd');
const SERVER = { container: { node: { name: 'k8s-node3', sudo: true }, id: 'ab'.repeat(32) }, localUser: 'localroot' };

const SCHEMA = `
  CREATE USER localroot@localhost; GRANT ALL ON *.* TO localroot@localhost WITH GRANT OPTION;
  CREATE DATABASE shlink; CREATE DATABASE empty_one; CREATE DATABASE \`with-dash\`;
  USE shlink;
  CREATE TABLE short_urls (id INT PRIMARY KEY, title VARCHAR(100) CHARACTER SET utf8mb4);
  INSERT INTO short_urls VALUES (1, 'größer'), (2, '短い'), (3, NULL);
  CREATE TABLE \`odd \`\`table\` (id INT); CREATE VIEW titles AS SELECT title FROM short_urls;
  CREATE TRIGGER upper_title BEFORE INSERT ON short_urls FOR EACH ROW SET NEW.title = UPPER(NEW.title);
`;

describe.skipIf(!mariadbd.found)('what the bot asks MySQL, asked of a real MariaDB', () => {
  let server: MariadbServer;
  beforeAll(async () => {
    if (mariadbd.found) server = await startMariadb(mariadbd.path, ['--max-connections=80']);
    await server.sql(SCHEMA);
  });
  afterAll(() => server.stop());

  /** What runs in the container, as the node would be asked. */
  const run = async (read: Read<unknown>): Promise<Output> => {
    if (read.command.via !== 'ssh') throw new Error('not over SSH');
    const [program = '', ...args] = read.command.argv.slice(read.command.argv.indexOf(SERVER.container.id) + 1);
    return server.run([program, ...args]);
  };
  const ask = async <T>(read: Read<T>): Promise<T> => {
    const seen = understand(read, await run(read));
    if (!seen.known) throw new Error(seen.why.says);
    return seen.value;
  };

  test('its state: version, who may write, connections', async () => {
    expect(await ask(mysql.mysqlState(SERVER))).toMatchObject({
      version: expect.stringMatching(/^10\.11\./),
      readOnly: false,
      superReadOnly: false,
      offline: false,
      maxConnections: 80,
      connections: 1,
    });
    await server.sql('SET GLOBAL read_only = ON');
    expect(await ask(mysql.mysqlState(SERVER))).toMatchObject({ readOnly: true });
    await server.sql('SET GLOBAL read_only = OFF');
  });

  test('that there is no table of a group is no answer: MariaDB has none', async () => {
    const read = mysql.groupMembers(SERVER);
    const output = await run(read);
    expect(output.stderr).toContain('ERROR 1146');
    expect(understand(read, output).known).toBe(false);
  });

  test('databases, with what cannot be renamed out of them', async () => {
    const own = (await ask(databases.mysqlDatabases(SERVER))).filter(({ name }) => !databases.SYSTEM_SCHEMAS.includes(name));
    expect(own).toMatchObject([
      { name: 'empty_one', tables: 0, isMarked: false, bytes: 0, programs: 0 },
      { name: 'shlink', tables: 2, programs: 2 },
      { name: 'with-dash', tables: 0, programs: 0 },
    ]);
  });

  test('which views, triggers, routines and events they are', async () => {
    await server.sql(
      'CREATE FUNCTION answer() RETURNS INT RETURN 42; CREATE EVENT yearly ON SCHEDULE EVERY 1 YEAR DO SELECT 1',
      'with-dash',
    );
    expect(await ask(databases.mysqlPrograms(SERVER, 'shlink'))).toEqual(['view titles', 'trigger upper_title of short_urls']);
    expect(await ask(databases.mysqlPrograms(SERVER, 'with-dash'))).toEqual(['function answer', 'event yearly']);
    expect(await ask(databases.mysqlPrograms(SERVER, 'empty_one'))).toEqual([]);
    await server.sql('DROP FUNCTION answer; DROP EVENT yearly', 'with-dash');
  });

  test('exact counts of every table, and none of a database without tables', async () => {
    expect(await ask(databases.mysqlTableCounts(SERVER, 'shlink'))).toEqual([
      { name: 'odd `table', rows: 0 },
      { name: 'short_urls', rows: 3 },
    ]);
    expect(await ask(databases.mysqlTableCounts(SERVER, 'empty_one'))).toEqual([]);
    expect(await ask(databases.mysqlTableCounts(SERVER, 'with-dash'))).toEqual([]);
  });

  test('a database that is not there is "could not look", never 0 rows', async () => {
    const read = databases.mysqlTableCounts(SERVER, 'gone');
    const output = await run(read);
    expect(output.stderr).toContain('ERROR 1049');
    expect(understand(read, output).known).toBe(false);
  });

  test('a database that a restore made, and of which dump', async () => {
    await server.sql(
      'CREATE DATABASE made; CREATE TABLE made.a (id INT); CREATE TABLE made.storagebot_restore (dump VARCHAR(255), sha256 CHAR(64))',
    );
    await server.sql("INSERT INTO made.storagebot_restore VALUES ('dump_1.sql.gz', REPEAT('a', 64))");
    expect(await ask(databases.mysqlDatabases(SERVER))).toContainEqual(
      expect.objectContaining({ name: 'made', tables: 1, isMarked: true }),
    );
    expect(await ask(databases.mysqlTableCounts(SERVER, 'made'))).toEqual([{ name: 'a', rows: 0 }]);
    expect(await ask(databases.restoredFrom(SERVER, 'made'))).toBe('dump_1.sql.gz');
    const of = databases.restoredFrom(SERVER, 'shlink');
    expect(understand(of, await run(of)).known).toBe(false);
  });

  test('sessions, without its own', async () => {
    const sleeping = server.sql('USE shlink; SELECT SLEEP(2)');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const sessions = await ask(mysql.mysqlSessions(SERVER));
    expect(sessions).toEqual([{ id: expect.any(Number), user: 'root', database: 'shlink' }]);
    await sleeping;
  });

  test('its session can write nothing, though its user may', async () => {
    const read = mysql.mysqlState(SERVER);
    if (read.command.via !== 'ssh') throw new Error('not over SSH');
    const argv = read.command.argv.slice(read.command.argv.indexOf(SERVER.container.id) + 1, -1);
    const [program = '', ...args] = argv;
    const refused = await server.run([program, ...args, '--database=shlink', '--execute=DELETE FROM short_urls']);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('ERROR 1792') });
    expect(await server.sql('SELECT COUNT(*) FROM short_urls', 'shlink')).toBe('3\n');
  });

  test('how full its volume is', async () => {
    const { exitCode, stdout } = await server.run(['df', '-P', '-B1', server.directory]);
    const { bytes, freeBytes } = mysql.mysqlDataSpace(SERVER).parse({ exitCode, stdout, stderr: '' });
    expect(freeBytes).toBeLessThan(bytes);
    expect(freeBytes).toBeGreaterThan(0);
  });
});
