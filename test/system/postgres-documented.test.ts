import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peer } from '../peers.ts';
import { type Dump, dumpAll, oidOf, restoreBeside, rewritten, swapNames } from './postgres-dumps.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const postgres = peer('postgres');

/** RB-07 A as it is documented: the whole dump, into the cluster that is there. */
const DOCUMENTED = ['bash', '-c', 'set -o pipefail; zcat "$1" | psql --no-psqlrc --quiet --output=/dev/null', 'restore'] as const;

describe.skipIf(!postgres.found)(
  'what is documented as a restore of PostgreSQL does harm, and what the bot does instead does not',
  () => {
    let server: PostgresServer;
    let dump: Dump;
    let cut: Dump;

    const rows = () => server.psql('SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM users)', 'shop');
    const logsIn = async (password: string) => {
      const env = { PGUSER: 'shop', PGPASSWORD: password, PGDATABASE: 'shop' };
      return (await server.run(['psql', '--no-psqlrc', '--command=SELECT 1'], { env })).exitCode === 0;
    };
    const load = ({ path }: Dump) => server.run([...DOCUMENTED, path], { env: { PGDATABASE: 'postgres' } });

    beforeAll(async () => {
      server = await startPostgres(postgres.found ? postgres.path : '');
      const rules = join(server.dataDirectory, 'pg_hba.conf');
      await writeFile(rules, `local shop shop scram-sha-256\n${await readFile(rules, 'utf8')}`);
      await server.psql("SELECT pg_reload_conf(); CREATE ROLE shop LOGIN PASSWORD 'of then'; CREATE DATABASE shop OWNER shop");
      await server.psql(
        `SET ROLE shop; CREATE TABLE log (line text); INSERT INTO log SELECT 'line ' || n FROM generate_series(1, 100) n;
CREATE TABLE users (name text PRIMARY KEY); INSERT INTO users VALUES ('a'), ('b')`,
        'shop',
      );
      dump = await dumpAll(server, 'dump.sql.gz');
      const text = gunzipSync(await readFile(dump.path)).toString();
      cut = await rewritten(join(server.directory, 'cut.sql.gz'), gzipSync(text.slice(0, text.indexOf('line 60'))));
      await server.psql("ALTER ROLE shop PASSWORD 'rotated'");
    }, 60_000);

    afterAll(async () => {
      await server?.stop();
    });

    test('the bot restores beside, and neither a row nor a password of the one that is used changes until the swap', async () => {
      await server.psql("DELETE FROM users WHERE name = 'a'", 'shop');
      const live = await oidOf(server, 'shop');
      const restored = await restoreBeside(server, dump, { made: 'shop_new' });
      expect(restored).toMatchObject({ exitCode: 0 });
      expect(await rows()).toBe('100|1\n');
      const made = await oidOf(server, 'shop_new');
      const forth = { aside: 'shop_broken', out: live, from: 'shop_new', comes: made };
      expect(await swapNames(server, forth)).toMatchObject({ exitCode: 0 });
      expect(await rows()).toBe('100|2\n');
      const back = { aside: 'shop_undone', out: made, from: 'shop_broken', comes: live, door: 'any' } as const;
      expect(await swapNames(server, back)).toMatchObject({ exitCode: 0 });
      expect(await rows()).toBe('100|1\n');
    });

    test('after it the application logs in with the password that was rotated since the dump', async () => {
      expect({ rotated: await logsIn('rotated'), old: await logsIn('of then') }).toEqual({ rotated: true, old: false });
    });

    test('the bot refuses a dump that was cut, and makes nothing of it', async () => {
      const refused = await restoreBeside(server, cut, { made: 'shop_cut' });
      expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('it is cut') });
      expect(await oidOf(server, 'shop_cut')).toBe('');
    });

    test('as documented, a cut dump is loaded over what is there, and psql ends with 0', async () => {
      const before = await rows();
      expect(await load(cut)).toMatchObject({ exitCode: 0 });
      expect({ before, after: await rows() }).toEqual({ before: '100|1\n', after: '159|1\n' });
    });

    test('as documented, a whole dump appends rows, brings no deleted row back but the old password, and psql ends with 0', async () => {
      await server.psql("ALTER ROLE shop PASSWORD 'rotated'");
      const { exitCode, stderr } = await load(dump);
      expect(exitCode).toBe(0);
      expect(stderr).toContain('ERROR:  database "shop" already exists');
      expect(await rows()).toBe('259|1\n');
      expect({ rotated: await logsIn('rotated'), old: await logsIn('of then') }).toEqual({ rotated: false, old: true });
    });
  },
);
