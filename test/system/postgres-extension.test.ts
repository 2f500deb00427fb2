import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableCounts } from '../../src/commands/postgres.ts';
import { peer } from '../peers.ts';
import { dumpAll, open, restoreBeside } from './postgres-dumps.ts';
import { type WithExtension, withExtension } from './postgres-extension.ts';
import { valueOf } from './postgres-looking.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const postgres = peer('postgres');
const CONTAINER = { node: { name: 'k8s-node3', sudo: false }, id: '5f0a6f0e3d0c' };

/** As PostGIS makes spatial_ref_sys, pg_cron its jobs, and others a table that is theirs alone. */
const SQL = `
CREATE TABLE spatial_ref_sys (srid int PRIMARY KEY, auth_name text);
INSERT INTO spatial_ref_sys SELECT n, 'EPSG' FROM generate_series(1, 500) n;
SELECT pg_extension_config_dump('spatial_ref_sys', 'WHERE NOT (srid BETWEEN 1 AND 500)');
CREATE TABLE job (line text);
SELECT pg_extension_config_dump('job', '');
CREATE TABLE fixed (line text);
INSERT INTO fixed VALUES ('of the extension');
`;

describe.skipIf(!postgres.found)('a database with an extension that has tables of its own', () => {
  let installed: WithExtension;
  let server: PostgresServer;
  const counts = (database: string) => valueOf(server, tableCounts(CONTAINER, database));

  beforeAll(async () => {
    installed = await withExtension(postgres.found ? postgres.path : '', 'places', SQL);
    server = await startPostgres(installed.program);
    await server.psql('CREATE ROLE shop; CREATE DATABASE shop OWNER shop');
    await server.psql(
      `CREATE EXTENSION places; INSERT INTO spatial_ref_sys VALUES (990001, 'own'), (990002, 'own');
INSERT INTO job VALUES ('every night'); INSERT INTO fixed VALUES ('in no dump');
CREATE TABLE town (name text); INSERT INTO town VALUES ('a'), ('b'), ('c')`,
      'shop',
    );
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    await installed?.remove();
  });

  test('has the rows that pg_dump writes, and no more: those that the extension brings again are none of them', async () => {
    const dumped = [
      { name: 'public.job', rows: 1 },
      { name: 'public.spatial_ref_sys', rows: 2 },
      { name: 'public.town', rows: 3 },
    ];
    const text = (await server.run(['pg_dump', '--data-only'], { env: { PGDATABASE: 'shop' } })).stdout;
    const copied = [...text.matchAll(/^COPY (\S+) .*\n((?:(?!\\\.).*\n)*)\\\.$/gm)];
    const rows = copied.map(([, name = '', lines = '']) => ({ name, rows: lines.split('\n').length - 1 }));
    expect(rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(dumped);
    expect(await counts('shop')).toEqual(dumped);
  });

  test('becomes whole out of a dump, table for table', async () => {
    const was = await counts('shop');
    const dump = await dumpAll(server, 'dump.sql.gz');
    expect(await restoreBeside(server, dump, { made: 'shop_new' })).toMatchObject({ exitCode: 0 });
    await open(server, 'shop_new');
    expect(await counts('shop_new')).toEqual(was);
    const all = 'SELECT (SELECT count(*) FROM spatial_ref_sys), (SELECT count(*) FROM job), (SELECT count(*) FROM fixed)';
    expect(await server.psql(all, 'shop_new')).toBe('502|1|1\n');
  });
});
