import { describe, expect, it } from 'vitest';
import { isAtOrBelow } from '../core/path.ts';
import { exportStateOf, namesIn, strangersIn } from './exported.ts';

const network = '10.0.20.0/24';

describe('an export reaches the nodes', () => {
  it.each([
    ['10.0.20.0/24(rw,sync)', 'exported'],
    ['10.0.0.0/16', 'exported'],
    ['10.0.20.0/25', 'other-network'],
    ['10.0.20.0/255.255.255.0(rw)', 'exported'],
    ['10.0.21.0/255.255.255.0(rw)', 'other-network'],
    ['192.168.1.0/24,10.0.20.0/24', 'exported'],
    ['192.168.1.7', 'other-network'],
    ['*(rw)', 'exported'],
    ['<world>(rw)', 'exported'],
    ['Everyone', 'exported'],
    ['k8s-node1', 'exported'], // a name may be a node's
    ['10.0.20.0', 'exported'], // FreeBSD leaves out the length
    ['', 'exported'], // the server does not say
  ])('when its clients are %j: %s', (clients, state) => {
    expect(exportStateOf('/mnt/main/a', { active: [{ path: '/mnt/main/a', clients }], network })).toBe(state);
  });

  it('through a directory above it, unless the path is a dataset of its own', () => {
    const active = [{ path: '/mnt/main', clients: '' }];
    const dataset = (name: string, mountPoint: string) => ({ name, mountPoint, mounted: true, canMount: 'on' as const });
    const pool = dataset('main', '/mnt/main');
    expect(exportStateOf('/mnt/main/a', { active, network, datasets: [pool] })).toBe('exported');
    expect(exportStateOf('/mnt/main/a', { active, network, datasets: [pool, dataset('main/a', '/mnt/main/a')] })).toBe('hidden');
    expect(exportStateOf('/mnt/mainly', { active, network })).toBe('not-exported');
  });
});

describe('strangers among the clients of an export', () => {
  it.each([
    [['10.0.20.0/24'], []],
    [['10.0.20.0/255.255.255.0'], []],
    [['192.168.1.0/255.255.255.0'], ['192.168.1.0/255.255.255.0']],
    [['10.0.20.0/24', '192.168.1.7'], ['192.168.1.7']],
    [['0.0.0.0/0'], 'everybody'],
    [['10.0.20.0/24', '0.0.0.0/0.0.0.0'], 'everybody'],
    [['::/0'], 'everybody'],
    [['*'], 'everybody'],
  ])('of %j are %j', (clients, strangers) => {
    expect(strangersIn(clients, network)).toEqual(strangers);
  });

  it('are not known where the clients are names', () => {
    expect(namesIn(['@trusted', '*.lab.lan', 'fd00::/8', '10.0.20.0/24', '10.0.20.7', '*', '::/0'])).toEqual([
      '@trusted',
      '*.lab.lan',
      'fd00::/8',
    ]);
  });
});

it('a path lies at or below a directory by whole names', () => {
  expect(isAtOrBelow('/a/b', '/a')).toBe(true);
  expect(isAtOrBelow('/a', '/a')).toBe(true);
  expect(isAtOrBelow('/ab', '/a')).toBe(false);
  expect(isAtOrBelow('/ab', '/')).toBe(true);
});
