import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Container } from '../../src/commands/in-container.ts';
import {
  databaseFill,
  dataSpace,
  postgresDatabases,
  postgresRoles,
  postgresSessions,
  replicationOf,
  serverState,
  sessionsOf,
  tableCounts,
} from '../../src/commands/postgres.ts';
import { peer } from '../peers.ts';
import { look, valueOf } from './postgres-looking.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';

const postgres = peer('postgres');
const CONTAINER: Container = { node: { name: 'k8s-node3', sudo: false }, id: '5f0a6f0e3d0c' };

/** Of no use as a connection string, as an option or unquoted in SQL. */
const ODD = 'host=elsewhere "Links" -d it\'s';

const TABLES = `
  CREATE TABLE links (id int PRIMARY KEY, url text);
  INSERT INTO links SELECT n, 'https://example.org/' || n FROM generate_series(1, 1842) n;
  DELETE FROM links WHERE id > 1800;
  CREATE TABLE "Link" (id int);
  INSERT INTO "Link" VALUES (1);
  CREATE SCHEMA "Other one";
  CREATE TABLE "Other one"."Tab""le" (id int);
  INSERT INTO "Other one"."Tab""le" VALUES (1), (2);
  CREATE TABLE visits (day int) PARTITION BY RANGE (day);
  CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM (0) TO (10);
  INSERT INTO visits VALUES (1), (2), (3);
  CREATE TABLE base (id int);
  CREATE TABLE derived () INHERITS (base);
  INSERT INTO derived VALUES (7);
  CREATE VIEW shown AS SELECT * FROM links;
  CREATE MATERIALIZED VIEW kept AS SELECT * FROM links;
  CREATE UNLOGGED TABLE cache (id int);
  CREATE TEMPORARY TABLE scratch (id int);
`;

const servers: PostgresServer[] = [];

describe.skipIf(!postgres.found)('of a real PostgreSQL', () => {
  let primary: PostgresServer;
  let replica: PostgresServer;

  beforeAll(async () => {
    const program = postgres.found ? postgres.path : '';
    primary = await startPostgres(program);
    servers.push(primary);
    const odd = ODD.replaceAll('"', '""');
    await primary.psql(`CREATE ROLE "Odd ""one" LOGIN; CREATE DATABASE "${odd}" OWNER "Odd ""one"; CREATE DATABASE bare;`);
    await primary.psql(`COMMENT ON DATABASE bare IS 'nothing; ''in'' it'; ALTER DATABASE bare ALLOW_CONNECTIONS true;`);
    await primary.psql(TABLES, ODD);
    replica = await startPostgres(program, { follows: primary });
    servers.push(replica);
  }, 60_000);
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  test('the server says its version, its role and its timeline', async () => {
    const version = expect.stringMatching(/^\d+\.\d+/);
    expect(await valueOf(primary, serverState(CONTAINER))).toEqual({ version, inRecovery: false, timeline: 1 });
    expect(await valueOf(replica, serverState(CONTAINER))).toEqual({ version, inRecovery: true, timeline: 1 });
  });

  test('databases are told with owner, size and comment, templates left out', async () => {
    const common = { oid: expect.any(Number), bytes: expect.any(Number), allowsConnections: true };
    expect(await valueOf(primary, postgresDatabases(CONTAINER))).toEqual([
      { ...common, name: 'bare', owner: 'postgres', comment: "nothing; 'in' it" },
      { ...common, name: ODD, owner: 'Odd "one' },
      { ...common, name: 'postgres', owner: 'postgres', comment: 'default administrative connection database' },
    ]);
  });

  test('rows are counted exactly, of each table and partition once', async () => {
    const counts = [
      { name: '"Other one"."Tab""le"', rows: 2 },
      { name: 'public."Link"', rows: 1 },
      { name: 'public.base', rows: 0 },
      { name: 'public.cache', rows: 0 },
      { name: 'public.derived', rows: 1 },
      { name: 'public.links', rows: 1_800 },
      { name: 'public.visits_1', rows: 3 },
    ];
    expect(await valueOf(primary, tableCounts(CONTAINER, ODD))).toEqual(counts);
    expect(await valueOf(primary, databaseFill(CONTAINER, ODD))).toEqual({
      tables: 7,
      withRows: counts.filter(({ rows }) => rows > 0).map(({ name }) => name),
    });
    expect(await valueOf(replica, databaseFill(CONTAINER, ODD))).toEqual(await valueOf(primary, databaseFill(CONTAINER, ODD)));
  });

  test('the tables that are counted are those that pg_dump writes a COPY for, by the same names', async () => {
    const dump = await primary.run(['pg_dump', '--data-only'], { env: { PGDATABASE: ODD } });
    const copied = [...dump.stdout.matchAll(/^COPY (.+?) (?:\([^\n]*\) )?FROM stdin;$/gm)].map(([, name = '']) => name);
    const counted = await valueOf(primary, tableCounts(CONTAINER, ODD));
    expect(counted.map(({ name }) => name).toSorted()).toEqual(copied.toSorted());
  });

  test('a table that an extension made is not counted: its rows are not in a dump', async () => {
    await primary.psql('CREATE TABLE spatial_ref_sys (id int); INSERT INTO spatial_ref_sys VALUES (1);', 'bare');
    await primary.psql('ALTER EXTENSION plpgsql ADD TABLE spatial_ref_sys;', 'bare');
    expect(await valueOf(primary, tableCounts(CONTAINER, 'bare'))).toEqual([]);
    expect(await valueOf(primary, databaseFill(CONTAINER, 'bare'))).toEqual({ tables: 0, withRows: [] });
  });

  test('sessions are told by their database, but the question itself', async () => {
    expect(await valueOf(primary, postgresSessions(CONTAINER))).toEqual([]);
    const sleeper = primary.run(['psql', '--command=SELECT pg_sleep(20)'], {
      env: { PGDATABASE: ODD, PGAPPNAME: 'web', PGUSER: 'Odd "one' },
    });
    const session = { database: ODD, pid: expect.any(Number), user: 'Odd "one', application: 'web' };
    await expect.poll(() => valueOf(primary, sessionsOf(CONTAINER, ODD))).toEqual([session]);
    expect(await valueOf(primary, sessionsOf(CONTAINER, 'bare'))).toEqual([]);
    await primary.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'web'");
    expect((await sleeper).exitCode).not.toBe(0);
  });

  test('roles of the server itself are left out', async () => {
    expect(await valueOf(primary, postgresRoles(CONTAINER))).toEqual(['Odd "one', 'postgres']);
  });

  test('replicas are told with what they lag, slots with what they keep', async () => {
    await primary.psql("SELECT pg_create_physical_replication_slot('_cnpg_pg_cluster_2', true)");
    const seen = await valueOf(primary, replicationOf(CONTAINER));
    expect(seen.replicas).toEqual([{ name: 'replica', state: 'streaming', lagBytes: expect.any(Number) }]);
    expect(seen.slots).toEqual([
      { name: '_cnpg_pg_cluster_2', active: false, walStatus: 'reserved', keptBytes: expect.any(Number) },
    ]);
    expect((await valueOf(replica, replicationOf(CONTAINER))).replicas).toEqual([]);
  });

  test('the room of its file system and the size of its log are told', async () => {
    const { bytes, freeBytes, walBytes } = await valueOf(primary, dataSpace(CONTAINER));
    expect(bytes).toBeGreaterThan(freeBytes);
    expect(walBytes).toBeGreaterThanOrEqual(16 * 1_048_576);
  });

  test('a database that is not there, or takes no connections, is "could not look"', async () => {
    await primary.psql('ALTER DATABASE bare ALLOW_CONNECTIONS false');
    const reasons = await Promise.all(['nowhere', 'bare'].map((name) => look(primary, tableCounts(CONTAINER, name))));
    expect(reasons.map((seen) => !seen.known && seen.why)).toEqual([
      expect.objectContaining({ says: expect.stringContaining('database "nowhere" does not exist') }),
      expect.objectContaining({ says: expect.stringContaining('database "bare" is not currently accepting connections') }),
    ]);
  });

  test('no statement that is sent in this way can write', async () => {
    const { command } = serverState(CONTAINER);
    if (command.via !== 'ssh') throw new Error('not over SSH');
    const [program = '', ...args] = command.argv.slice(command.argv.indexOf('exec') + 2, -1);
    for (const sql of ['CREATE TABLE written (id int)', 'CREATE DATABASE written', 'ALTER ROLE postgres RENAME TO x']) {
      const { exitCode, stderr } = await primary.run([program, ...args, `--command=${sql}`]);
      expect({ exitCode, stderr }, sql).toEqual({ exitCode: 1, stderr: expect.stringContaining('read-only transaction') });
    }
  });
});
