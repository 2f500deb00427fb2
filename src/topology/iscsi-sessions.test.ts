import { describe, expect, test } from 'vitest';
import type { Known } from '../core/reading.ts';
import { fullUnder } from './iscsi-sessions.ts';

const IQN = 'iqn.2005-10.org.example:a';
const seen = <T>(value: T): Known<T> => ({
  known: true,
  asks: '',
  line: '',
  outcome: { exitCode: 0, stdout: '', stderr: '' },
  value,
});

const FULL = { kind: 'filesystem', mounted: true, mountPoint: '/', canMount: 'on' } as const;
const figures = { usedBytes: 1, referencedBytes: 1, writtenBytes: 1 };

function serverWith(available: Readonly<Record<string, number>>) {
  const stored = Object.entries(available).map(([name, availableBytes]) => ({ ...FULL, ...figures, name, availableBytes }));
  return {
    server: {
      kernel: seen(1),
      middleware: seen(1),
      stored: seen(stored),
      targets: seen([{ iqn: IQN, devices: ['a'] }]),
      devices: seen([{ name: 'a', path: '/dev/zvol/main/iscsi/a' }]),
    },
  };
}

const GIB = 1_073_741_824;

describe('what has no room under a target', () => {
  test.each([
    ['nothing, where its volume has some', { main: GIB, 'main/iscsi': GIB, 'main/iscsi/a': GIB }, undefined],
    ['the pool', { main: 0, 'main/iscsi': 0, 'main/iscsi/a': 0 }, 'main'],
    ['the pool, with some kilobytes that nobody gets', { main: 12_288, 'main/iscsi': 12_288, 'main/iscsi/a': 12_288 }, 'main'],
    ['the dataset above it, by its quota', { main: GIB, 'main/iscsi': 0, 'main/iscsi/a': 0 }, 'main/iscsi'],
    [
      'nothing, where the pool is full and the volume has its reservation',
      { main: 0, 'main/iscsi': 0, 'main/iscsi/a': GIB },
      undefined,
    ],
    ['nothing that is known, where its volume is not listed', { main: 0 }, undefined],
  ])('is %s', (_what, available, dataset) => {
    expect(fullUnder(serverWith(available), IQN)?.dataset).toBe(dataset);
  });
});
