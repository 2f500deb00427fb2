import { describe, expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { parseDirectories, reloadExports, serviceRuns, startService } from './nas.ts';

const NAS = { name: 'nas', sudo: false };
const ROW = 'drwxr-xr-x 3 999 33 4096 Apr  3 09:00';

describe('directories', () => {
  test('are found with their owner, in the rows of GNU and of FreeBSD', () => {
    const found = { mode: 'drwxr-xr-x', uid: 999, gid: 33 };
    expect(parseDirectories(['/m/a b'], `${ROW} /m/a b\n`, '')).toEqual([{ path: '/m/a b', found }]);
    expect(parseDirectories(['/m'], 'drwxr-xr-x  3 999  33  3 Apr  3  2025 /m\n', '')).toEqual([{ path: '/m', found }]);
  });

  test.each([
    "ls: cannot access '/m/a/b': No such file or directory\n",
    'ls: cannot access ‘/m/a/b’: No such file or directory\n',
    'ls: cannot access "/m/a/b": No such file or directory\n',
    'ls: /m/a/b: No such file or directory\n',
  ])('that are missing are told by exactly their path: %s', (stderr) => {
    expect(parseDirectories(['/m/a/b'], '', stderr)).toEqual([{ path: '/m/a/b' }]);
    expect(() => parseDirectories(['/m/a'], '', stderr)).toThrow('ls says nothing about /m/a');
    expect(() => parseDirectories(['/b'], '', stderr)).toThrow('ls says nothing about /b');
  });

  test('are not taken for another whose path ends in the same way', () => {
    expect(() => parseDirectories(['/b'], `${ROW} /m /b\n`, '')).toThrow('ls says nothing about /b');
    expect(() => parseDirectories(['/b'], '', 'ls: /m /b: No such file or directory\n')).toThrow('ls says nothing about /b');
  });

  test('are neither files nor links', () => {
    expect(() => parseDirectories(['/m'], `${ROW.replace('d', '-')} /m\n`, '')).toThrow('/m is no directory');
    expect(() => parseDirectories(['/m'], `${ROW.replace('d', 'l')} /m -> /n\n`, '')).toThrow('/m is no directory');
  });
});

test('on CORE the services are asked and started even where rc.conf does not enable them', () => {
  const commands = [serviceRuns(NAS, 'core', 'nfsd'), startService(NAS, 'core', 'mountd'), reloadExports(NAS, 'core')];
  expect(commands.map(({ command }) => show(command))).toEqual([
    'nas$ service nfsd onestatus',
    'nas$ service mountd onestart',
    'nas$ service mountd onereload',
  ]);
});

test('what service says of a service that rc.conf does not enable is no answer', () => {
  const stdout = "Cannot 'status' nfsd. Set nfs_server_enable to YES in /etc/rc.conf or use 'onestatus' instead of 'status'.\n";
  expect(() => serviceRuns(NAS, 'core', 'nfsd').parse({ exitCode: 0, stdout, stderr: '' })).toThrow('Set nfs_server_enable');
});
