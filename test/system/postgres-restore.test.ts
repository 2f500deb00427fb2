import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POSTGRES_RESTORE, POSTGRES_SAFETY_COPY } from '../../src/commands/postgres-scripts.ts';
import { peer } from '../peers.ts';
import { type Dump, dumpAll, FINGERPRINT, makeRich, oidOf, open, restoreBeside, rewritten, runScript } from './postgres-dumps.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const postgres = peer('postgres');
const MARK = 'storagebot: shop of dump.sql.gz, 1 bytes, oid ';

describe.skipIf(!postgres.found)('a database is restored out of a real dump, beside the one that is there', () => {
  let server: PostgresServer;
  let dump: Dump;

  const restore = (from: Dump, made: string, database = 'shop', owner = 'shop') =>
    restoreBeside(server, from, { made, database, owner, mark: MARK });
  /** Asks one that nobody could have asked until now. */
  const inside = async (made: string, sql: string) => {
    await open(server, made);
    return server.psql(sql, made);
  };
  const databases = () => server.psql('SELECT datname FROM pg_database ORDER BY 1');
  const written = async (name: string, change: (text: string) => string) => {
    const text = gunzipSync(await readFile(dump.path)).toString('latin1');
    const changed = change(text);
    if (changed === text) throw new Error('nothing was changed');
    return rewritten(`${server.directory}/${name}`, gzipSync(Buffer.from(changed, 'latin1')));
  };
  /** What is refused before anything was made says why. */
  const refusal = async (bad: Dump, database = 'shop') => {
    const before = await databases();
    const { exitCode, stderr } = await restore(bad, 'shop_refused', database);
    const isUntouched = (await databases()) === before && stderr.includes('nothing was made');
    return exitCode === 1 && isUntouched
      ? stderr
      : `it ended with ${exitCode}, and nothing was made is ${isUntouched}: ${stderr}`;
  };

  beforeAll(async () => {
    server = await startPostgres(postgres.found ? postgres.path : '');
    await makeRich(server);
    await server.psql(`CREATE ROLE "odd user"; CREATE DATABASE "Mixed" OWNER "odd user" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C';
CREATE DATABASE "it's a\\b ""c"" $d=e" OWNER "odd user"; CREATE DATABASE empty; CREATE DATABASE shop2;`);
    for (const name of ['Mixed', `it's a\\b "c" $d=e`, 'shop2']) await server.psql('CREATE TABLE t AS SELECT 1 AS n', name);
    dump = await dumpAll(server, 'dump.sql.gz');
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
  });

  test('all of it comes back: rows, sequences, large objects, extensions, functions, owner, settings, grants', async () => {
    expect(await restore(dump, 'shop_restore_1')).toMatchObject({ exitCode: 0, stdout: 'shop_restore_1 is whole\n' });
    const was = await server.psql(FINGERPRINT, 'shop');
    expect(was).toContain('links|1000 ');
    expect(await inside('shop_restore_1', FINGERPRINT)).toBe(was);
  });

  test('only a whole one has the comment that says so, in front of its own comment', async () => {
    const comment = await server.psql(
      "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop_restore_1'",
    );
    expect(comment).toBe(`${MARK}${await oidOf(server, 'shop_restore_1')}\nall that is\nsold\n`);
    expect(await server.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop'")).toBe(
      'all that is\nsold\n',
    );
  });

  test('nobody can connect to it, superuser or not: what was compared with the dump is what gets the name', async () => {
    expect(await restore(dump, 'shop_shut')).toMatchObject({ exitCode: 0 });
    const write = server.psql("UPDATE app.links SET url = 'https://example.com'", 'shop_shut');
    await expect(write).rejects.toThrow('not currently accepting connections');
    const tried = await server.run(['bash', '-c', 'pg_dumpall | grep -c "shop_shut" || true']);
    expect(tried.stdout).toBe('0\n');
  });

  test('whoever wants in while it is loaded is kept out, and it becomes whole all the same', async () => {
    const knock = `while [ ! -e stop ]; do PGDATABASE=shop_knocked psql -X -q -c 'CREATE TABLE IF NOT EXISTS stranger AS SELECT 1' 2>/dev/null; done`;
    const knocking = server.run(['bash', '-c', knock]);
    const { exitCode, stderr } = await restore(dump, 'shop_knocked');
    await server.run(['touch', 'stop']);
    await knocking;
    const isKept = exitCode === 1 && stderr.includes('somebody else uses the database');
    const found = await inside('shop_knocked', "SELECT count(*) FROM pg_class WHERE relname IN ('stranger', 'links')");
    expect([isKept, exitCode === 0 && found === '1\n']).toContain(true);
  });

  test.each([
    ['loses a row', 'DELETE FROM app.links WHERE id = 7;', 'app.links has 999 rows, and 1000 in the dump'],
    ['gets a table more', 'CREATE TABLE app.more AS SELECT 1;', 'app.more has 1 rows, and 0 in the dump'],
    ['is opened', 'ALTER DATABASE shop ALLOW_CONNECTIONS true;', 'somebody opened it meanwhile'],
  ])('one that %s on the way is not taken for whole', async (what, statement, says) => {
    const made = `shop_${what.replaceAll(' ', '_')}`;
    const changed = await written('changed.sql.gz', (text) => {
      const end = text.lastIndexOf('--\n-- PostgreSQL database dump complete', text.indexOf('-- Database "shop2" dump'));
      return `${text.slice(0, end)}${statement}\n\n${text.slice(end)}`;
    });
    const { exitCode, stderr } = await restore(changed, made);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(says) });
    expect(await inside(made, "SELECT count(*) FROM pg_class WHERE relname = 'links'")).toBe('0\n');
    const comment = await server.psql(`SELECT shobj_description('${await oidOf(server, made)}', 'pg_database')`);
    expect(comment).toBe('\n');
  });

  test('one of INSERT statements comes back: their rows are those that the file holds', async () => {
    const path = `${server.directory}/inserts.sql.gz`;
    await server.run(['bash', '-c', 'pg_dumpall --inserts | gzip > "$1"', 'dump', path]);
    expect(await restore({ path, bytes: (await readFile(path)).length }, 'shop_inserts')).toMatchObject({ exitCode: 0 });
    expect(await inside('shop_inserts', FINGERPRINT)).toBe(await server.psql(FINGERPRINT, 'shop'));
  });

  test('what statistics the planner needs is there', async () => {
    expect(await inside('shop_restore_1', "SELECT reltuples FROM pg_class WHERE relname = 'links'")).toBe('1000\n');
  });

  test('a mark that came with a dump of a restored database is replaced', async () => {
    await server.psql(`COMMENT ON DATABASE shop2 IS 'storagebot: shop2 of another.sql.gz, 2 bytes, oid 4
own words'`);
    const again = await dumpAll(server, 'again.sql.gz');
    expect(await restore(again, 'shop2_restore_1', 'shop2', 'postgres')).toMatchObject({ exitCode: 0 });
    const comment = await server.psql(
      "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop2_restore_1'",
    );
    expect(comment).toBe(`${MARK}${await oidOf(server, 'shop2_restore_1')}\nown words\n`);
  });

  test.each(['Mixed', `it's a\\b "c" $d=e`])('a database may be named %s', async (name) => {
    expect(await restore(dump, `${name}_new`, name, 'odd user')).toMatchObject({ exitCode: 0 });
    expect(await inside(`${name}_new`, 'SELECT n FROM t')).toBe('1\n');
    const encoding =
      'SELECT pg_encoding_to_char(encoding), datcollate, datdba::regrole FROM pg_database WHERE datname = current_database()';
    expect(await server.psql(encoding, `${name}_new`)).toBe(await server.psql(encoding, name));
  });

  test('an empty database is restored empty', async () => {
    expect(await restore(dump, 'empty_new', 'empty', 'postgres')).toMatchObject({ exitCode: 0 });
    expect(await inside('empty_new', "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toBe('0\n');
  });

  test('of a dump without rows, tables come back and nothing in them', async () => {
    const path = `${server.directory}/schema.sql.gz`;
    await server.run(['bash', '-c', 'pg_dumpall --schema-only | gzip > "$1"', 'dump', path]);
    expect(await restore({ path, bytes: (await readFile(path)).length }, 'schema_new')).toMatchObject({ exitCode: 0 });
    expect(await inside('schema_new', 'SELECT count(*) FROM app.links')).toBe('0\n');
  });

  test('passwords that were rotated since the dump stay as they are', async () => {
    const hash = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN ('shop', 'postgres', 'reader') ORDER BY 1";
    await server.psql(`ALTER ROLE shop PASSWORD 'rotated'; ALTER ROLE postgres PASSWORD 'rotated too'`);
    const now = await server.psql(hash);
    expect(await restore(dump, 'shop_rotated')).toMatchObject({ exitCode: 0 });
    expect(await server.psql(hash)).toBe(now);
  });

  test('the other databases, and their settings and grants, are never touched', async () => {
    const all =
      "SELECT oid, datname, datdba, datacl, datconnlimit FROM pg_database WHERE datname !~ 'untouched' ORDER BY 1; SELECT * FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname !~ 'untouched' ORDER BY 1, 2";
    const before = await server.psql(all);
    await server.psql('ALTER DATABASE shop CONNECTION LIMIT 41; ALTER DATABASE shop RESET search_path');
    const changed = await server.psql(all);
    expect(changed).not.toBe(before);
    expect(await restore(dump, 'shop_untouched')).toMatchObject({ exitCode: 0 });
    expect(await server.psql(all)).toBe(changed);
  });

  test('a dump that was cut within rows is refused', async () => {
    expect(
      await refusal(await written('cut.sql.gz', (text) => text.slice(0, text.indexOf('https://example.org/500') + 5))),
    ).toContain('it is cut');
  });

  test('a dump that was cut at the end of a row is refused', async () => {
    expect(await refusal(await written('line.sql.gz', (text) => text.slice(0, text.indexOf('\n501\t') + 1)))).toContain(
      'it is cut',
    );
  });

  test('a dump that was cut between two databases is refused', async () => {
    expect(
      await refusal(await written('between.sql.gz', (text) => text.slice(0, text.indexOf('-- Database "shop2" dump')))),
    ).toContain('it is cut');
  });

  test('a packed file that was cut is refused', async () => {
    const packed = await readFile(dump.path);
    expect(await refusal(await rewritten(`${server.directory}/gzip.sql.gz`, packed.subarray(0, packed.length - 9)))).toContain(
      'unexpected end of file',
    );
  });

  test('a dump of one database is no dump of all', async () => {
    const path = `${server.directory}/one.sql.gz`;
    await server.run(['bash', '-c', 'pg_dump --create shop | gzip > "$1"', 'dump', path]);
    expect(await refusal({ path, bytes: (await readFile(path)).length })).toContain(
      'does not begin as a dump of a whole cluster',
    );
  });

  test('a database that the dump has not is refused', async () => {
    expect(await refusal(dump, 'shop3')).toContain('no whole section of shop3');
  });

  test('a file that is not the one that was looked at is refused', async () => {
    const { stderr, exitCode } = await restore({ ...dump, bytes: dump.bytes + 1 }, 'shop_refused');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('when it was looked at') });
  });

  test.each([
    ['a command of psql', (text: string) => text.replace('CREATE SCHEMA app;', '\\! touch /tmp/never\nCREATE SCHEMA app;')],
    ['a command within a line', (text: string) => text.replace('CREATE SCHEMA app;', 'CREATE SCHEMA app; \\! touch /tmp/never')],
    [
      'a change of another database',
      (text: string) => text.replace('CREATE SCHEMA app;', 'ALTER DATABASE shop2 CONNECTION LIMIT = 1;'),
    ],
    ['another end of its restriction', (text: string) => text.replace(/\\unrestrict (.)/g, '\\unrestrict x$1')],
    ['a second section of the same name', (text: string) => text.replaceAll('\\connect shop2', '\\connect shop')],
  ])('a dump with %s is refused', async (_what, change) => {
    expect(await refusal(await written('strange.sql.gz', change))).toContain('line ');
  });

  test('one without restrictions, as pg_dump wrote before 16.10, comes back the same', async () => {
    const older = await written('older.sql.gz', (text) => text.replaceAll(/^\\(un)?restrict .*\n/gm, ''));
    expect(await restore(older, 'shop_older')).toMatchObject({ exitCode: 0 });
    expect(await inside('shop_older', 'SELECT count(*) FROM app.links; SELECT app.hidden()')).toContain(
      '1000\n\n\\connect postgres',
    );
  });

  test('one of PostgreSQL 10, which makes all databases at its beginning, comes back', async () => {
    const old = await written('ten.sql.gz', (text) => {
      const makes = [...text.matchAll(/^CREATE DATABASE .*\n/gm)]
        .map(([line]) => line.replace(' LOCALE_PROVIDER = libc', ''))
        .join('');
      return text
        .replaceAll(/^(CREATE|ALTER) DATABASE .*\n/gm, '')
        .replace('-- Databases\n--\n', `-- Databases\n--\n\n${makes}`)
        .replaceAll(/Dumped from database version .*/g, 'Dumped from database version 10.23');
    });
    expect(await restore(old, 'shop_ten')).toMatchObject({ exitCode: 0 });
    expect(await inside('shop_ten', 'SELECT count(*) FROM app.links')).toBe('1000\n');
  });

  test('one that was never packed comes back the same', async () => {
    const plain = await rewritten(`${server.directory}/plain.sql`, gunzipSync(await readFile(dump.path)));
    expect(await restore(plain, 'shop_plain')).toMatchObject({ exitCode: 0 });
    expect(await inside('shop_plain', 'SELECT count(*) FROM app.links')).toBe('1000\n');
  });

  test('where a role is missing, nothing comes in and nothing says that it is whole', async () => {
    const other = await written('role.sql.gz', (text) => text.replaceAll('TO reader', 'TO reader_of_then'));
    const { exitCode, stderr } = await restore(other, 'shop_role');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('role "reader_of_then" does not exist');
    expect(await inside('shop_role', "SELECT count(*) FROM pg_class WHERE relname = 'links'")).toBe('0\n');
    expect(await server.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop_role'")).toBe(
      '\n',
    );
  });

  test('a half-made one is not used again', async () => {
    const { exitCode, stderr } = await restore(dump, 'shop_role');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('already exists') });
  });

  test('killed at any moment, it leaves nothing that says that it is whole', async () => {
    for (const [index, seconds] of ['0.05', '0.15', '0.25', '0.35', '0.5'].entries()) {
      const made = `shop_killed_${index}`;
      const script = ['bash', '-euo', 'pipefail', '-c', POSTGRES_RESTORE.text, POSTGRES_RESTORE.name] as const;
      const args = [dump.path, `${dump.bytes}`, 'shop', made, 'shop', MARK] as const;
      const { exitCode } = await server.run(['timeout', '-s', 'KILL', seconds, ...script, ...args]);
      const comment = await server.psql(
        `SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = '${made}'`,
      );
      const isMarked = comment.startsWith('storagebot: ');
      const rows = isMarked ? await inside(made, 'SELECT count(*) FROM app.links') : '1000\n';
      expect({ rows, isToldWhole: exitCode === 0 && !isMarked }).toEqual({ rows: '1000\n', isToldWhole: false });
    }
  });

  test('a safety copy is whole, loads, and takes the name of nothing', async () => {
    const path = `${server.directory}/pre_restore_shop_1.sql.gz`;
    expect(await runScript(server, POSTGRES_SAFETY_COPY, 'shop', path)).toMatchObject({ exitCode: 0 });
    const was = await readFile(path);
    const again = await runScript(server, POSTGRES_SAFETY_COPY, 'shop', path);
    expect({ ...again, isSame: was.equals(await readFile(path)) }).toMatchObject({ exitCode: 1, isSame: true });
    expect(again.stderr).toContain('is there already');
    await server.psql('CREATE DATABASE loaded');
    await server.psql(
      gunzipSync(was)
        .toString()
        .replaceAll(/^\\(un)?restrict .*\n/gm, ''),
      'loaded',
    );
    expect(await server.psql('SELECT count(*) FROM app.links', 'loaded')).toBe('1000\n');
  });

  test('a safety copy of what cannot be dumped leaves nothing behind', async () => {
    const path = `${server.directory}/pre_restore_none.sql.gz`;
    expect(await runScript(server, POSTGRES_SAFETY_COPY, 'none', path)).toMatchObject({ exitCode: 2 });
    await server.psql(
      'ALTER DATABASE shop2 SET search_path TO public; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
      'shop2',
    );
    const cut = await server.run(['bash', '-c', 'ls "$1" | grep -c "pre_restore_none" || true', 'ls', server.directory]);
    expect(cut.stdout).toBe('0\n');
  });
});
