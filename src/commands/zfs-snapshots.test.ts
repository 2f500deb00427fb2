import { describe, expect, test } from 'vitest';
import { parseSnapshots, requireDataset, requireShort, takeSnapshot } from './zfs-snapshots.ts';
import { cloneSnapshot, destroyClone, parseStoredDatasets, requireSnapshot, rollbackTo } from './zfs-stored.ts';

const HOST = { name: 'nas', sudo: false };

test('a row of zfs list is a snapshot, with its clones and holds', () => {
  const row = 'main/a@auto-2026-04-03_00-00\t4611686026346388907\t1775174400\t0\t98304\t1\tmain/b,main/c\n';
  expect(parseSnapshots(row)).toEqual([
    {
      name: 'main/a@auto-2026-04-03_00-00',
      dataset: 'main/a',
      short: 'auto-2026-04-03_00-00',
      guid: '4611686026346388907',
      createdS: 1_775_174_400,
      usedBytes: 0,
      referencedBytes: 98_304,
      holds: 1,
      clones: ['main/b', 'main/c'],
    },
  ]);
  expect(parseSnapshots(row.replace('main/b,main/c', '-'))[0]?.clones).toEqual([]);
});

test("the snapshot that zfs diff makes for the moment is nobody's newest", () => {
  const row = (name: string) => `main/a@${name}\t1\t2\t3\t4\t0\t-\n`;
  expect(parseSnapshots(row('auto') + row('zfs-diff-4711-00000000000a1b2c')).map(({ short }) => short)).toEqual(['auto']);
  expect(parseSnapshots(row('zfs-diff-mine'))).toHaveLength(1);
});

test.each(['main/a\t1\t2\t3\t4\t0\t-', 'main/a@x\t1\t2\t3\t4\t0', 'main/a@x\t1\t2\t1.5G\t4\t0\t-', 'no datasets available'])(
  'what is no row of a snapshot is not read: %s',
  (row) => {
    expect(() => parseSnapshots(`${row}\n`)).toThrow('not a');
  },
);

test('a row that lacks a figure is not read as a dataset', () => {
  expect(() => parseStoredDatasets('main\tfilesystem\tyes\t/mnt/main\ton\t1\t2\t3\t-\t-\n')).toThrow('not a number of bytes');
});

describe('names that zfs would take for others or for several are refused', () => {
  test.each(['', '-r', 'main@a', 'main/', 'main//a', 'main/-a', 'main a', 'main#b', 'main%b', '/mnt/main', 'm,n'])(
    '%j',
    (name) => {
      expect(() => requireDataset(name)).toThrow('no name of a dataset');
    },
  );

  test.each(['', '-r', 'a%b', 'a,b', 'a@b', 'a/b', 'a b'])('%j', (short) => {
    expect(() => requireShort(short)).toThrow('no name of a snapshot');
  });

  test('and two "@" are', () => expect(() => requireSnapshot('main@a@b')).toThrow('no name of a snapshot'));
});

test('only what has the name of this bot is made or destroyed', () => {
  expect(() => takeSnapshot(HOST, 'main', 'auto-1')).toThrow('no snapshot of this bot');
  expect(() => destroyClone(HOST, 'main/immich')).toThrow('no clone of this bot');
  expect(() => destroyClone(HOST, 'main/x-storagebot-1/immich')).toThrow('no clone of this bot');
  expect(() => cloneSnapshot(HOST, 'main@a', 'main/immich')).toThrow('no clone of this bot');
});

test('a pool is never rolled back', () => {
  expect(() => rollbackTo(HOST, 'main@auto-2026-04-03_00-00')).toThrow('takes every service back');
  expect(rollbackTo(HOST, 'main/immich@a').risk).toBe('destructive');
});
