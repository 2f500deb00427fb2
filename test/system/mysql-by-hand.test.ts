import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesByHand } from '../../runbooks/restore-mysql/programs.ts';
import { peer } from '../peers.ts';
import { type MariadbServer, startMariadb, succeeded } from './mariadb-server.ts';

const mariadbd = peer('mariadbd');

/** Rows from before there was a trigger, which would not have let them in as they are. */
const SITE = `
  CREATE DATABASE speedtest; CREATE DATABASE wrongmove; USE speedtest;
  CREATE TABLE results (id INT PRIMARY KEY, place VARCHAR(20) CHARACTER SET utf8mb4); INSERT INTO results VALUES (-1, 'größer'), (-2, '短い'), (3, 'x');
  CREATE TABLE details (id INT PRIMARY KEY, result INT, FOREIGN KEY (result) REFERENCES results (id)); INSERT INTO details VALUES (1, 3);
  CREATE TRIGGER positive BEFORE INSERT ON results FOR EACH ROW SET NEW.id = ABS(NEW.id);
  CREATE VIEW latest AS SELECT MAX(id) AS id FROM results;
  USE wrongmove; CREATE TABLE listings (id INT); INSERT INTO listings VALUES (1);
`;

describe.skipIf(!mariadbd.found)(
  'what a person is told to do about a database with views and triggers, on a real MariaDB',
  () => {
    let server: MariadbServer;

    beforeAll(async () => {
      if (!mariadbd.found) return;
      server = await startMariadb(mariadbd.path);
      await server.sql(SITE);
      const dump = succeeded(await server.run(['mysqldump', '--no-defaults', '--user=root', '--all-databases'])).stdout;
      await writeFile(join(server.directory, 'dump.sql.gz'), gzipSync(dump));
      await server.sql('DELETE FROM results WHERE id = -1', 'speedtest');
    });
    afterAll(() => server.stop());

    /** The line as it is shown, but for the password that it asks for and an option that MariaDB has not. */
    const run = (line: string) =>
      server.run(['/bin/bash', '-o', 'pipefail', '-c', line.replaceAll(' -p ', ' ').replace(' --set-gtid-purged=OFF', '')]);

    test('keeps what is there, restores beside without touching it, and brings the missing rows back as they were', async () => {
      const { keep, make, load } = linesByHand({ database: 'speedtest', file: 'dump.sql.gz', host: 'localhost' });
      for (const line of [keep, make, load]) succeeded(await run(line));
      const rows = 'SELECT id, place FROM results ORDER BY id';
      expect(await server.sql(rows, 'speedtest')).toBe('-2\t短い\n3\tx\n');
      expect(await server.sql(rows, 'speedtest_by_hand')).toBe('-2\t短い\n-1\tgrößer\n3\tx\n');
      expect(await server.sql('SHOW TABLES', 'speedtest_by_hand')).toBe('details\nlatest\nresults\n');

      const missing =
        'INSERT INTO speedtest.results SELECT * FROM speedtest_by_hand.results WHERE id NOT IN (SELECT id FROM speedtest.results)';
      expect(
        await server.sql(`START TRANSACTION; ${missing}; SELECT id FROM speedtest.results WHERE place = 'größer'; ROLLBACK`),
      ).toBe('1\n');

      const kept = await readFile(join(server.directory, 'speedtest.now.sql'), 'utf8');
      const trigger = /^\/\*!50003 CREATE\*\/.*TRIGGER[\s\S]*?(?=;;$)/m.exec(kept)?.[0] ?? '';
      await server.sql(`DROP TRIGGER positive; ${missing}; ${trigger};`, 'speedtest');
      expect(await server.sql(rows, 'speedtest')).toBe('-2\t短い\n-1\tgrößer\n3\tx\n');
      await server.sql("INSERT INTO results VALUES (-7, 'y')", 'speedtest');
      expect(await server.sql('SELECT id FROM latest', 'speedtest')).toBe('7\n');
    });
  },
);
