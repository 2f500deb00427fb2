import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { POSTGRES_SWAP } from '../../src/commands/postgres-scripts.ts';
import { peer } from '../peers.ts';
import { dumpAll, oidOf, open, restoreBeside, type Swapping, swapArgs, swapNames } from './postgres-dumps.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const postgres = peer('postgres');

/** Writes through one session for as long as that lives, then through the next; what the server acknowledged goes to a file. */
const WRITER = `
while [ ! -e "$1/stop" ]; do
  while [ ! -e "$1/stop" ]; do
    echo "INSERT INTO entries VALUES ('$2-$EPOCHREALTIME') RETURNING line, (SELECT oid FROM pg_database WHERE datname = current_database());"
    sleep 0.003
  done | psql --no-psqlrc --quiet --tuples-only --no-align >> "$1/acknowledged-$2" 2>/dev/null
done`;

describe.skipIf(!postgres.found)('a restored database takes the name of the one that is there', () => {
  let server: PostgresServer;
  const writers: ChildProcess[] = [];

  const swap = (swapping: Swapping) => swapNames(server, swapping);
  const forth = ([out, comes]: readonly [live: string, restored: string]) =>
    ({ aside: 'shop_broken', out, from: 'shop_new', comes }) as const;
  const names = async () =>
    (
      await server.psql(
        "SELECT oid || ' ' || datname || ' ' || datallowconn FROM pg_database WHERE datname !~ '^template|^postgres$' ORDER BY oid",
      )
    )
      .trim()
      .split('\n');
  const setUp = async (): Promise<readonly [live: string, restored: string]> => {
    const stale = await server.psql(`SELECT datname FROM pg_database WHERE datname !~ '^template|^postgres$'`);
    for (const name of stale.split('\n').filter((line) => line !== '')) await server.psql(`DROP DATABASE "${name}" WITH (FORCE)`);
    for (const name of ['shop', 'shop_new']) {
      await server.psql(`CREATE DATABASE ${name}`);
      await server.psql(`CREATE TABLE entries (line text); INSERT INTO entries VALUES ('of ${name}')`, name);
    }
    await server.psql('ALTER DATABASE shop_new ALLOW_CONNECTIONS false');
    return [await oidOf(server, 'shop'), await oidOf(server, 'shop_new')];
  };
  const startWriters = (count: number) => {
    const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    for (let index = 0; index < count; index += 1)
      writers.push(
        spawn('bash', ['-c', WRITER, 'writer', server.directory, `${index}`], {
          ...identity,
          env: { ...server.env, PGDATABASE: 'shop' },
          cwd: server.directory,
          stdio: 'ignore',
        }),
      );
  };
  const stopWriters = async () => {
    await writeFile(join(server.directory, 'stop'), '');
    await Promise.all(
      writers.filter(({ exitCode }) => exitCode === null).map((writer) => new Promise((resolve) => writer.once('exit', resolve))),
    );
  };
  const acknowledged = async () => {
    const files = await Promise.all(
      writers.map((_writer, index) => readFile(join(server.directory, `acknowledged-${index}`), 'utf8')),
    );
    return files.flatMap((text) =>
      text
        .split('\n')
        .filter((line) => line.includes('|'))
        .map((line) => line.split('|')),
    );
  };

  beforeAll(async () => {
    server = await startPostgres(postgres.found ? postgres.path : '');
  }, 60_000);

  afterEach(async () => {
    if (writers.length === 0) return;
    await stopWriters();
    writers.length = 0;
    await server.run(['bash', '-c', 'rm -f "$1"/stop "$1"/acknowledged-*', 'rm', server.directory]);
  });

  afterAll(async () => {
    await server?.stop();
  });

  test('both are renamed, and the old one takes no more connections', async () => {
    const [live, restored] = await setUp();
    expect(await swap(forth([live, restored]))).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual([`${live} shop_broken false`, `${restored} shop true`]);
    expect(await server.psql('SELECT line FROM entries', 'shop')).toBe('of shop_new\n');
    await expect(server.psql('SELECT 1', 'shop_broken')).rejects.toThrow('not currently accepting connections');
  });

  test('asked a second time, it changes nothing', async () => {
    const [live, restored] = await setUp();
    await swap(forth([live, restored]));
    const before = await names();
    expect(await swap(forth([live, restored]))).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual(before);
  });

  test('it is taken back by the same means, and what was written since is kept under a third name', async () => {
    const [live, restored] = await setUp();
    await swap(forth([live, restored]));
    await server.psql("INSERT INTO entries VALUES ('since')", 'shop');
    expect(await swap({ aside: 'shop_undone', out: restored, from: 'shop_broken', comes: live, door: 'any' })).toMatchObject({
      exitCode: 0,
    });
    expect(await names()).toEqual([`${live} shop true`, `${restored} shop_undone false`]);
    expect(await server.psql('SELECT line FROM entries', 'shop')).toBe('of shop\n');
    await open(server, 'shop_undone');
    expect(await server.psql('SELECT line FROM entries ORDER BY 1', 'shop_undone')).toBe('of shop_new\nsince\n');
  });

  test('where the database is gone, the restored one gets the name, and can be put aside again', async () => {
    const [, restored] = await setUp();
    await server.psql('DROP DATABASE shop');
    expect(await swap(forth(['0', restored]))).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual([`${restored} shop true`]);
    expect(await swap({ aside: 'shop_undone', out: restored, from: '', comes: '0', door: 'any' })).toMatchObject({ exitCode: 0 });
    expect(await swap({ aside: 'shop_undone', out: restored, from: '', comes: '0', door: 'any' })).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual([`${restored} shop_undone false`]);
  });

  test.each([
    ['the live database is another one', (live: string, restored: string) => forth([`${Number(live) + 90_000}`, restored])],
    ['the restored one is another one', (live: string, restored: string) => forth([live, `${Number(restored) + 90_000}`])],
    [
      'somebody renamed the restored one',
      (live: string, restored: string) => ({ ...forth([live, restored]), from: 'shop_other' }),
    ],
    ['somebody made a database of that name meanwhile', (_live: string, restored: string) => forth(['0', restored])],
  ])('nothing is renamed where %s', async (_what, args) => {
    const before = await setUp();
    const was = await names();
    const { exitCode, stderr } = await swap(args(...before));
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('nothing was renamed') });
    expect(await names()).toEqual(was);
  });

  test('one that was opened is not given the name: somebody may have written into it since it was compared', async () => {
    const [live, restored] = await setUp();
    await open(server, 'shop_new');
    await server.psql("UPDATE entries SET line = 'of somebody'", 'shop_new');
    const was = await names();
    const { exitCode, stderr } = await swap(forth([live, restored]));
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('shop_new was opened') });
    expect(await names()).toEqual(was);
  });

  test('one that was put aside gets its name back also where somebody opened it to look into it', async () => {
    const [live, restored] = await setUp();
    await swap(forth([live, restored]));
    await open(server, 'shop_broken');
    const back = { aside: 'shop_undone', out: restored, from: 'shop_broken', comes: live, door: 'any' } as const;
    expect(await swap(back)).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual([`${live} shop true`, `${restored} shop_undone false`]);
  });

  test('where the name to put it aside is taken, nothing is renamed and everything stays reachable', async () => {
    const [live, restored] = await setUp();
    await server.psql('CREATE DATABASE shop_broken');
    const was = await names();
    expect(await swap(forth([live, restored]))).toMatchObject({ exitCode: 1 });
    expect(await names()).toEqual(was);
  });

  test('where the server does not answer, nobody is told that nothing was renamed', async () => {
    const { name, text } = POSTGRES_SWAP;
    const script = ['bash', '-euo', 'pipefail', '-c', text, name] as const;
    const { exitCode, stderr } = await server.run(['env', 'PGPORT=1', ...script, ...swapArgs(forth(['1', '2']))]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('was renamed is not known') });
  });

  test('where a prepared transaction holds it, nothing is renamed', async () => {
    const other = await startPostgres(postgres.found ? postgres.path : '', { settings: ['max_prepared_transactions = 2'] });
    try {
      await other.psql('CREATE DATABASE shop; CREATE DATABASE shop_new ALLOW_CONNECTIONS false');
      await other.psql(
        `CREATE TABLE entries (line text); BEGIN; INSERT INTO entries VALUES ('open'); PREPARE TRANSACTION 'open'`,
        'shop',
      );
      const oids = [await oidOf(other, 'shop'), await oidOf(other, 'shop_new')] as const;
      const { exitCode, stderr } = await swapNames(other, forth(oids));
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('nothing was changed') });
      expect(await oidOf(other, 'shop')).toBe(oids[0]);
      await other.psql("COMMIT PREPARED 'open'", 'shop');
    } finally {
      await other.stop();
    }
  }, 60_000);

  test('killed at any moment, both have the one names or the other, and the name can be reached', async () => {
    const ends = new Set<string>();
    for (const seconds of ['0.03', '0.06', '0.08', '0.1', '0.12', '0.15', '0.2', '0.3']) {
      const [live, restored] = await setUp();
      startWriters(1);
      const { name, text } = POSTGRES_SWAP;
      const script = ['bash', '-euo', 'pipefail', '-c', text, name] as const;
      await server.run(['timeout', '-s', 'KILL', seconds, ...script, ...swapArgs(forth([live, restored]))]);
      const after = await names();
      const isSwapped = after.includes(`${restored} shop true`);
      ends.add(isSwapped ? 'swapped' : 'as before');
      expect(after).toEqual(
        isSwapped ? [`${live} shop_broken false`, `${restored} shop true`] : [`${live} shop true`, `${restored} shop_new false`],
      );
      await server.psql('SELECT 1', 'shop');
      expect(await swap(forth([live, restored]))).toMatchObject({ exitCode: 0 });
      expect(await names()).toEqual([`${live} shop_broken false`, `${restored} shop true`]);
      await stopWriters();
      writers.length = 0;
      await server.run(['bash', '-c', 'rm -f "$1"/stop "$1"/acknowledged-*', 'rm', server.directory]);
    }
    expect(ends).toContain('as before');
  }, 120_000);

  test('an application that writes all the time loses nothing that was acknowledged after the swap, nor before it', async () => {
    const [live] = await setUp();
    await server.psql('DROP DATABASE shop_new');
    startWriters(4);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const dump = await dumpAll(server, 'dump.sql.gz');
    const restored = await restoreBeside(server, dump, { made: 'shop_new', owner: 'postgres' });
    expect(restored).toMatchObject({ exitCode: 0 });
    const made = await oidOf(server, 'shop_new');
    expect(await swap(forth([live, made]))).toMatchObject({ exitCode: 0 });
    const atSwap = (await acknowledged()).length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await stopWriters();
    const all = await acknowledged();
    await open(server, 'shop_broken');
    const kept = new Set((await server.psql('SELECT line FROM entries', 'shop_broken')).split('\n'));
    const now = new Set((await server.psql('SELECT line FROM entries', 'shop')).split('\n'));
    const lost = all.filter(([line = '', oid]) => !(oid === made ? now : kept).has(line));
    expect(lost).toEqual([]);
    expect(all.slice(atSwap).every(([, oid]) => oid === made || oid === live)).toBe(true);
    expect(all.filter(([, oid]) => oid === made).length).toBeGreaterThan(100);
    expect(all.filter(([, oid]) => oid === live).length).toBeGreaterThan(100);
  }, 60_000);
});
