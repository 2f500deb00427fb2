import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresDump, postgresDump, rowsIn } from '../../src/commands/backup-dumps.ts';
import { peer } from '../peers.ts';
import { askWith, type FarTools, farTools } from './far-tools.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const postgres = peer('postgres');
const NAS = { name: 'truenas', sudo: false };

/** Names, rows, functions, views and comments that look like other lines of a dump. */
const WORLD = String.raw`
CREATE ROLE linkwarden LOGIN PASSWORD 'not-to-be-seen';
CREATE ROLE "odd ""role";
CREATE ROLE reader; CREATE ROLE writer; CREATE ROLE "a TO b"; CREATE ROLE bystander;
GRANT bystander TO writer;
CREATE DATABASE linkwarden OWNER linkwarden;
ALTER ROLE bystander SET search_path TO public;
CREATE DATABASE "it's ""odd"" \db" OWNER "odd ""role";
CREATE DATABASE bare;
\connect linkwarden
CREATE TABLE links (id serial PRIMARY KEY, url text);
INSERT INTO links (url) SELECT 'https://example.org/' || n FROM generate_series(1, 5000) n;
CREATE SCHEMA "My S";
CREATE TABLE "My S"."T (x) y" (a text);
INSERT INTO "My S"."T (x) y" VALUES (E'\\connect evil'), (E'a\nb'), (E'\\.'), ('-- PostgreSQL database cluster dump complete'), ('COPY public.x (a) FROM stdin;');
CREATE TABLE "User" (id int);
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE part (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO part VALUES (1, '2020-05-05');
CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $x$
begin
  return 'it''s
\connect nowhere
COPY public.fake (a) FROM stdin;
1
\.
CREATE TABLE fake (a int);
-- PostgreSQL database cluster dump complete
';
end $x$;
CREATE FUNCTION g() RETURNS text LANGUAGE sql AS 'select $$a;
\connect nowhere
COPY public.fake2 (a) FROM stdin;
$$::text';
CREATE FUNCTION h(n int) RETURNS int BEGIN ATOMIC SELECT n; SELECT n + 1; END;
COMMENT ON TABLE links IS 'of
\connect commented
CREATE TABLE commented (';
CREATE VIEW v AS SELECT 'a
COPY public.fake3 (a) FROM stdin;
'::text AS x;
\connect bare
CREATE TABLE a (x int);
CREATE UNLOGGED TABLE b (x int);
\connect linkwarden
GRANT SELECT ON links TO reader WITH GRANT OPTION;
SET ROLE reader;
GRANT SELECT ON links TO "a TO b";
RESET ROLE;
ALTER TABLE "User" OWNER TO "odd ""role";
GRANT SELECT (id) ON "User" TO PUBLIC;
GRANT pg_monitor TO bystander;
ALTER TABLE links ENABLE ROW LEVEL SECURITY;
CREATE POLICY "of TO all" ON links FOR SELECT TO reader, writer USING (url <> ' TO nobody ');
ALTER ROLE writer IN DATABASE linkwarden SET application_name TO 'TO nowhere';
`;

/** Whom `linkwarden` gives something. */
const ROLES = ['a TO b', 'odd "role', 'postgres', 'reader', 'writer'];

const TABLES = [
  { name: '"My S"."T (x) y"', rows: 5 },
  { name: 'public."User"', rows: 0 },
  { name: 'public.links', rows: 5_000 },
  { name: 'public.nothing', rows: 1 },
  { name: 'public.part1', rows: 1 },
];

describe.skipIf(!postgres.found)('a dump of pg_dumpall', () => {
  const tools = farTools();
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-dumps-'));
  let server: PostgresServer;
  let whole: string;

  beforeAll(async () => {
    if (!postgres.found) return;
    server = await startPostgres(postgres.path);
    await server.psql(WORLD);
    whole = await dump();
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    rmSync(directory, { recursive: true });
  });

  async function dump(...options: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await server.run(['pg_dumpall', ...options]);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  }

  function lookAt(
    content: string | Buffer,
    { name = 'dump.sql', with: one = tools[0] }: { name?: string; with?: FarTools | undefined } = {},
  ): PostgresDump {
    if (one === undefined) throw new Error('there is no shell here');
    const path = join(directory, name);
    writeFileSync(path, content);
    const seen = askWith(one, postgresDump(NAS, path));
    if (!seen.known) throw new Error(seen.why.says);
    return seen.value;
  }

  test.each(tools)('that is packed is read to its end, with exact rows and the owner of each database, by $name', (one) => {
    const seen = lookAt(gzipSync(whole), { name: 'dump.sql.gz', with: one });
    expect(seen).toMatchObject({ readable: true, hasHeader: true, hasTrailer: true });
    expect(seen.serverVersion).toMatch(/^\d+\.\d+/);
    expect(seen.roles.toSorted()).toEqual([...ROLES, 'bystander', 'linkwarden'].toSorted());
    expect(seen.databases.find(({ name }) => name === 'linkwarden')).toEqual({
      name: 'linkwarden',
      owner: 'linkwarden',
      tables: TABLES,
      tablesCreated: 6,
      roles: ROLES,
    });
    expect(seen.databases.map(({ name }) => name).toSorted()).toEqual([
      'bare',
      `it's "odd" \\db`,
      'linkwarden',
      'postgres',
      'template1',
    ]);
    expect(seen.databases.find(({ name }) => name.startsWith("it's"))?.owner).toBe('odd "role');
    expect(seen.databases.find(({ name }) => name === 'bare')).toMatchObject({
      tables: [
        { name: 'public.a', rows: 0 },
        { name: 'public.b', rows: 0 },
      ],
    });
  });

  test('tells whether it has \\restrict lines, as its server writes them or not', () => {
    expect(lookAt(whole).isRestricted).toBe(/^\\restrict /m.test(whole));
    expect(lookAt(whole.replaceAll(/^\\(un)?restrict .*\n/gm, '')).isRestricted).toBe(false);
    expect(lookAt(`-- a\n-- PostgreSQL database cluster dump\n--\n\n\\restrict abc\n\n`).isRestricted).toBe(true);
  });

  test('gives nothing away of a password', () => {
    const path = join(directory, 'secret.sql');
    writeFileSync(path, whole);
    const [one] = tools;
    if (one === undefined) throw new Error('there is no shell here');
    const seen = askWith(one, postgresDump(NAS, path));
    expect(whole).toMatch(/PASSWORD 'SCRAM/);
    expect(JSON.stringify(seen.outcome)).not.toMatch(/SCRAM|PASSWORD/);
  });

  test.each(tools)('that was cut in a COPY, between two lines or in one, has no trailer and fewer rows, says $name', (one) => {
    const inside = whole.indexOf('https://example.org/2500');
    for (const cut of [whole.slice(0, inside), whole.slice(0, whole.lastIndexOf('\n', inside) + 1)]) {
      const seen = lookAt(cut, { with: one });
      expect(seen).toMatchObject({ readable: true, hasHeader: true, hasTrailer: false });
      const links = seen.databases.find(({ name }) => name === 'linkwarden')?.tables.find(({ name }) => name === 'public.links');
      expect(links?.rows).toBeGreaterThan(2_400);
      expect(links?.rows).toBeLessThan(2_501);
    }
  });

  test('that lost only its last lines has no trailer, and one with lines behind its trailer is not complete either', () => {
    const trailer = whole.lastIndexOf('--\n-- PostgreSQL database cluster dump complete');
    expect(lookAt(whole.slice(0, trailer)).hasTrailer).toBe(false);
    expect(lookAt(`${whole}CREATE TABLE more (a int);\n`).hasTrailer).toBe(false);
    expect(lookAt(`${whole}\n\n`).hasTrailer).toBe(true);
  });

  test.each(tools)('of which gzip has only a part is not readable, in the words of gzip, says $name', (one) => {
    const packed = gzipSync(whole);
    const seen = lookAt(packed.subarray(0, packed.length / 2), { name: 'cut.sql.gz', with: one });
    expect(seen).toMatchObject({ readable: false, hasTrailer: false });
    expect(seen.problem).toMatch(/unexpected end of file/);
  });

  test('of no bytes, of other bytes, and without its beginning is no dump', () => {
    expect(lookAt('', { name: 'empty.sql.gz' })).toMatchObject({ readable: false, hasHeader: false });
    expect(lookAt('')).toMatchObject({ hasHeader: false, hasTrailer: false, databases: [] });
    expect(lookAt(gzipSync('nothing of that kind\n'), { name: 'other.sql.gz' })).toMatchObject({
      readable: true,
      hasHeader: false,
    });
    expect(lookAt(whole.split('\n').slice(5).join('\n')).hasHeader).toBe(false);
  });

  test('of the schema alone makes tables and has none with rows', async () => {
    const seen = lookAt(await dump('--schema-only'));
    expect(seen).toMatchObject({ hasTrailer: true });
    expect(seen.databases.find(({ name }) => name === 'linkwarden')).toMatchObject({ tables: [], tablesCreated: 6 });
  });

  test('with INSERT statements has rows that nobody counted', async () => {
    const seen = lookAt(await dump('--inserts'));
    const linkwarden = seen.databases.find(({ name }) => name === 'linkwarden');
    expect(linkwarden?.tables).toContainEqual({ name: 'public.links', rows: 'unknown' });
    expect(rowsIn({ tables: linkwarden?.tables ?? [] })).toBe('unknown');
  });

  test('that is not there could not be looked at', () => {
    const [one] = tools;
    if (one === undefined) throw new Error('there is no shell here');
    expect(askWith(one, postgresDump(NAS, join(directory, 'nowhere.sql.gz')))).toMatchObject({ known: false });
  });
});
