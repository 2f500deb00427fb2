import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { POSTGRES_RESTORE, POSTGRES_SWAP } from '../../src/commands/postgres-scripts.ts';
import type { Script } from '../../src/commands/script-job.ts';
import type { Output } from '../../src/core/output.ts';
import type { PostgresServer } from './postgres-server.ts';

/** One database with everything that pg_dump writes in a way of its own. */
export const RICH = `
CREATE EXTENSION pg_trgm;
CREATE SCHEMA app;
CREATE TYPE app.state AS ENUM ('new', 'it''s "done"; \\.');
CREATE TABLE app.links (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, url text NOT NULL, state app.state DEFAULT 'new',
  length int GENERATED ALWAYS AS (length(url)) STORED);
CREATE TABLE "Odd ""table""; --" ("a b" text, n numeric, b bytea);
CREATE TABLE keyless (line text);
CREATE TABLE parted (day date, n int) PARTITION BY RANGE (day);
CREATE TABLE parted_2026 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE SEQUENCE app.counter;
INSERT INTO app.links (url) SELECT 'https://example.org/' || n FROM generate_series(1, 1000) n;
INSERT INTO "Odd ""table""; --" VALUES (E'\\\\connect postgres\\n\\\\.\\n\\ttab', 1.5, '\\x00ff'), (NULL, 'NaN', NULL);
INSERT INTO keyless SELECT 'line ' || n FROM generate_series(1, 50) n;
INSERT INTO parted VALUES ('2026-04-03', 1), ('2026-04-04', 2);
SELECT setval('app.counter', 4711), lo_from_bytea(0, '\\x010203'), lo_from_bytea(0, '\\xff');
CREATE INDEX ON app.links USING gin (url gin_trgm_ops);
CREATE VIEW app.fresh AS SELECT * FROM app.links WHERE state = 'new';
CREATE MATERIALIZED VIEW app.lengths AS SELECT length, count(*) FROM app.links GROUP BY length;
CREATE FUNCTION app.hidden() RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
  RETURN '
\\connect postgres
COPY nothing FROM stdin;
-- PostgreSQL database dump complete
';
END
$body$;
CREATE PROCEDURE app.commits() LANGUAGE plpgsql AS $$
BEGIN
COMMIT;
END
$$;
COMMENT ON TABLE keyless IS 'it''s
\\connect postgres
GRANT ALL ON DATABASE postgres TO PUBLIC;
/* not a comment';
CREATE FUNCTION app.atomic() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM keyless; SELECT 1; END;
CREATE RULE silent AS ON DELETE TO keyless DO INSTEAD (SELECT 1; SELECT 2);
`;

/** What tells two databases apart: every table's rows, a fingerprint of all of them, sequences, large objects, settings. */
export const FINGERPRINT = `
SELECT c.oid::regclass, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) || '' '' || coalesce(md5(string_agg(t::text, '','' ORDER BY t::text)), '''') AS n FROM ONLY %s t', c.oid::regclass), true, true, '')))[1]
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_|^information' ORDER BY c.oid::regclass::text;
SELECT last_value, is_called FROM app.counter; SELECT last_value FROM app.links_id_seq;
SELECT md5(string_agg(lo_get(oid)::text, ',' ORDER BY lo_get(oid)::text)) FROM pg_largeobject_metadata;
SELECT extname FROM pg_extension ORDER BY 1; SELECT proname, md5(prosrc) FROM pg_proc WHERE pronamespace = 'app'::regnamespace ORDER BY 1;
SELECT obj_description('keyless'::regclass); SELECT count(*) FROM pg_rules WHERE schemaname = 'public';
SELECT setrole::regrole, setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database() ORDER BY 1;
SELECT datdba::regrole, (SELECT string_agg(acl::text, ' ' ORDER BY acl::text) FROM unnest(datacl) acl), datconnlimit, encoding, datcollate FROM pg_database WHERE datname = current_database();
`;

export async function makeRich(server: PostgresServer): Promise<void> {
  await server.psql(`CREATE ROLE shop LOGIN PASSWORD 'old password'; CREATE ROLE reader;
CREATE DATABASE shop OWNER shop; ALTER DATABASE shop SET search_path TO public, app; ALTER DATABASE shop CONNECTION LIMIT 40;
ALTER ROLE reader IN DATABASE shop SET statement_timeout TO '5s'; REVOKE CONNECT ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO reader; COMMENT ON DATABASE shop IS 'all that is
sold';`);
  await server.psql(RICH, 'shop');
  await server.psql(`REASSIGN OWNED BY postgres TO shop`, 'shop').catch(() => undefined);
}

/** As the site's job makes it; the text is changed on the way where a test wants that. */
export async function dumpAll(server: PostgresServer, name: string, change: (text: string) => string = (text) => text) {
  const path = join(server.directory, name);
  const { exitCode, stderr } = await server.run(['bash', '-c', 'set -o pipefail; pg_dumpall | gzip > "$1"', 'dump', path]);
  if (exitCode !== 0) throw new Error(stderr);
  const text = gunzipSync(await readFile(path)).toString('latin1');
  return rewritten(path, gzipSync(Buffer.from(change(text), 'latin1')));
}

export interface Dump {
  readonly path: string;
  readonly bytes: number;
}

export async function rewritten(path: string, packed: Buffer): Promise<Dump> {
  await writeFile(path, packed);
  return { path, bytes: packed.length };
}

/** As the Job runs it. */
export function runScript(server: PostgresServer, { name, text }: Script, ...args: readonly string[]): Promise<Output> {
  return server.run(['bash', '-euo', 'pipefail', '-c', text, name, ...args]);
}

export interface Restoring {
  readonly made: string;
  readonly database?: string;
  readonly owner?: string;
  readonly mark?: string;
}

/** One database out of the dump, beside the others. */
export function restoreBeside(server: PostgresServer, { path, bytes }: Dump, restoring: Restoring): Promise<Output> {
  const { made, database = 'shop', owner = 'shop', mark = 'storagebot: ' } = restoring;
  return runScript(server, POSTGRES_RESTORE, path, `${bytes}`, database, made, owner, mark);
}

export interface Swapping {
  readonly aside: string;
  readonly out: string;
  readonly from: string;
  readonly comes: string;
  readonly door?: 'shut' | 'any';
}

/** The arguments with which `shop` becomes another database. */
export function swapArgs({ aside, out, from, comes, door = 'shut' }: Swapping): readonly string[] {
  return ['shop', aside, out, from, comes, door];
}

export function swapNames(server: PostgresServer, swapping: Swapping): Promise<Output> {
  return runScript(server, POSTGRES_SWAP, ...swapArgs(swapping));
}

/** Nobody can look into one that was restored, or put aside, until somebody lets them. */
export function open(server: PostgresServer, database: string): Promise<string> {
  return server.psql(`ALTER DATABASE "${database.replaceAll('"', '""')}" ALLOW_CONNECTIONS true`);
}

export async function oidOf(server: PostgresServer, database: string): Promise<string> {
  return (await server.psql(`SELECT oid FROM pg_database WHERE datname = '${database.replaceAll("'", "''")}'`)).trim();
}
