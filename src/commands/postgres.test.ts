import { describe, expect, test } from 'vitest';
import type { Read } from '../core/command.ts';
import { understand } from '../core/reading.ts';
import {
  databaseFill,
  dataSpace,
  dataSpaceOnNode,
  postgresDatabases,
  postgresRoles,
  postgresSessions,
  replicationOf,
  serverState,
  tableCounts,
} from './postgres.ts';

// What a real server prints is read in test/system/postgres-looks.test.ts.

const node = { name: 'k8s-node3', sudo: true };
const container = { node, id: '5f0a6f0e3d0c' };

function seen<T>(read: Read<T>, stdout: string, exitCode = 0) {
  return understand(read, { exitCode, stdout, stderr: exitCode === 0 ? '' : 'psql: error: connection to server failed' });
}

const questions: readonly (readonly [string, Read<unknown>])[] = [
  ['its state', serverState(container)],
  ['its databases', postgresDatabases(container)],
  ['the rows of tables', tableCounts(container, 'linkwarden')],
  ['whether there are rows', databaseFill(container, 'linkwarden')],
  ['its sessions', postgresSessions(container)],
  ['its roles', postgresRoles(container)],
  ['its replicas', replicationOf(container)],
  ['its room', dataSpace(container)],
];

describe.each(questions)('asked for %s, a server', (_what, read) => {
  test('that prints nothing has not answered', () => {
    expect(seen(read, '')).toMatchObject({ known: false, why: { failed: 'unreadable' } });
  });

  test('that cannot be reached has not answered', () => {
    expect(seen(read, '', 1)).toMatchObject({ known: false, why: { failed: 'unexpected-exit' } });
  });

  test('that prints something else has not answered', () => {
    expect(seen(read, '[{"other":1}]\n')).toMatchObject({ known: false, why: { failed: 'unreadable' } });
  });
});

test('a database is named in the environment, where it can be no connection string and no option', () => {
  const { command } = tableCounts(container, 'host=elsewhere');
  expect(command).toMatchObject({ argv: expect.arrayContaining(['PGDATABASE=host=elsewhere', '--no-psqlrc']) });
});

test('every question forbids the server to write and ends before its program is ended', () => {
  for (const [, { command }] of questions.slice(0, -1)) {
    const line = command.via === 'ssh' ? command.argv.join(' ') : '';
    expect(line).toContain('default_transaction_read_only=on');
    const [, ends = '', statement = ''] = /timeout -k 1 (\d+) .*statement_timeout=(\d+)s/.exec(line) ?? [];
    expect(Number(statement)).toBeLessThan(Number(ends));
  }
});

test('a name with a character that cannot be shown makes the list unreadable', () => {
  const database = { oid: 1, owner: 'a', bytes: 1, allowsConnections: true, comment: null };
  expect(seen(postgresDatabases(container), JSON.stringify([{ ...database, name: 'a\u202eb' }]))).toMatchObject({ known: false });
});

describe('the room of a server', () => {
  const figures = '   1B-blocks       Avail\n 21474836480 13314398618\n';

  test.each([
    ['/var/lib/postgresql/data/pgdata/pg_wal/', dataSpace(container)],
    ['/var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pvc-1/mount/pgdata/pg_wal', dataSpaceOnNode(node, '/mnt')],
  ])('has the log of %s beside it', (path, read) => {
    const value = { bytes: 21_474_836_480, freeBytes: 13_314_398_618, walBytes: 536_870_912 };
    expect(seen(read, `${figures}536870912\t${path}\n`)).toMatchObject({ known: true, value });
  });

  test('is not known without the size of the log', () => {
    expect(seen(dataSpace(container), figures)).toMatchObject({ known: false, why: { failed: 'unreadable' } });
  });
});
