import { describe, expect, test } from 'vitest';
import { exportClients } from './export-clients.ts';

describe('the clients of an export', () => {
  test.each([
    ['10.0.20.0/24(rw,sync)', ['10.0.20.0/24'], ['rw', 'sync']],
    ['10.0.20.0/24(rw) 10.0.20.9(ro)', ['10.0.20.0/24', '10.0.20.9'], ['ro', 'rw']],
    ['*(ro)', ['*'], ['ro']],
    ['(ro)', ['*'], ['ro']],
    ['', ['*'], []],
    ['k8s-node1', ['k8s-node1'], []],
  ])('of Linux, in %j', (rest, clients, options) => {
    expect(exportClients(rest, 'debian')).toEqual({ clients, options });
    expect(exportClients(rest, 'scale')).toEqual({ clients, options });
  });

  test.each([
    ['-maproot="root":"wheel" -network 10.0.20.0/24', ['10.0.20.0/24'], ['-maproot="root":"wheel"']],
    ['-network=10.0.20.0 -mask=255.255.255.0 -ro', ['10.0.20.0/24'], ['-ro']],
    ['-network 10.0.20.0 -mask 255.255.0.0', ['10.0.20.0/16'], []],
    ['-ro -alldirs 10.0.20.9 10.0.20.10', ['10.0.20.9', '10.0.20.10'], ['-alldirs', '-ro']],
    ['-maproot=root', ['*'], ['-maproot=root']],
  ])('of FreeBSD, in %j', (rest, clients, options) => {
    expect(exportClients(rest, 'core')).toEqual({ clients, options });
  });
});
