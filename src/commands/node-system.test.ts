import { expect, test } from 'vitest';
import { parseNfsKernelLines, parsePs } from './node-system.ts';

test('a process has an age, and may wait nowhere', () => {
  const table = [
    'S     PID ELAPSED WCHAN                            COMMAND',
    'D   21407    1380 rpc_wait_bit_killable            mount.nfs',
    'R       9       0 -                                ps',
  ];
  expect(parsePs(`${table.join('\n')}\n`)).toEqual([
    { state: 'D', pid: 21_407, ageS: 1380, waitsIn: 'rpc_wait_bit_killable', program: 'mount.nfs' },
    { state: 'R', pid: 9, ageS: 0, waitsIn: '-', program: 'ps' },
  ]);
});

test('on FreeBSD a state has more letters, and what has ended no age', () => {
  const table = 'STAT   PID ELAPSED WCHAN  COMMAND\nILs      1  998877 wait   init\nZ     4711       - -      <defunct>\n';
  expect(parsePs(table)).toEqual([
    { state: 'I', pid: 1, ageS: 998_877, waitsIn: 'wait', program: 'init' },
    { state: 'Z', pid: 4711, ageS: 0, waitsIn: '-', program: '<defunct>' },
  ]);
});

test('a program without a name does not hide the others', () => {
  const table =
    'S     PID ELAPSED WCHAN                            COMMAND\nS     812      60 -                                \nS       1      90 ep_poll                          systemd\n';
  expect(parsePs(table).map(({ pid, program }) => [pid, program])).toEqual([
    [812, ''],
    [1, 'systemd'],
  ]);
});

test('a table without ages is none', () => {
  expect(() => parsePs('S PID WCHAN COMMAND\nD 21407 rpc_wait_bit_killable mount.nfs\n')).toThrow('not a process');
});

test.each([
  ['2026-04-03T09:00:10+0000', 1_775_206_810],
  ['2026-04-03T11:00:10+02:00', 1_775_206_810],
])('a line of the kernel at %s has a time, and one without a date has none', (date, atS) => {
  const says = 'kernel: nfs: server 10.0.10.15 not responding, timed out';
  expect(parseNfsKernelLines(`${date} k8s-node2 ${says}\n[  564.96] ${says}\n`)).toEqual([
    { server: '10.0.10.15', says: 'gives-up', atS },
    { server: '10.0.10.15', says: 'gives-up' },
  ]);
});
