import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { show } from '../core/command.ts';
import type { PoolStatus } from './zfs-status.ts';
import { isWorking, parsePoolStatuses, pauseScrub, poolStatuses, scrub, stopScrub } from './zfs-status.ts';

const NAS = { name: 'nas', sudo: true };

function fixture(name: string): string {
  return readFileSync(new URL(`../../test/fixtures/zfs/${name}.txt`, import.meta.url), 'utf8');
}

function poolsIn(name: string, stderr = ''): PoolStatus[] {
  return parsePoolStatuses({ stdout: fixture(name), stderr });
}

function poolIn(name: string, stderr = ''): PoolStatus {
  const [pool] = poolsIn(name, stderr);
  if (pool === undefined) throw new Error(`${name} has no pool`);
  return pool;
}

function at(text: string): number {
  return Date.parse(`${text}Z`) / 1000;
}

describe('the state of a pool', () => {
  test('is read with its reason, and its devices with counts that ZFS has rounded', () => {
    const pool = poolIn('freebsd-11-stripe-of-files');
    expect(pool).toMatchObject({ name: 'tank', state: 'DEGRADED', errors: { is: 'listed', entries: ['/tank/file'] } });
    expect(pool.status).toBe(
      'One or more devices has experienced an error resulting in data corruption. Applications may be affected.',
    );
    expect(pool.action).toMatch(/^Restore the file .* from backup\.$/);
    expect(pool.vdevs.map(({ name, depth, errors }) => [name, depth, errors?.checksum.text, errors?.checksum.least])).toEqual([
      ['tank', 0, '686', 686],
      ['/tmp/tank/vdev1', 1, '0', 0],
      ['/tmp/tank/vdev2', 1, '0', 0],
      ['/tmp/tank/vdev3', 1, '1.37K', 1398],
    ]);
    expect(pool.vdevs.at(-1)).toMatchObject({ state: 'DEGRADED', note: 'too many errors' });
  });

  test('is suspended where its list of errors is unavailable, which only standard error says', () => {
    const hidden = 'errors: List of errors unavailable: pool I/O is currently suspended\n';
    const pool = poolIn('proxmox-8-suspended', hidden);
    expect(pool).toMatchObject({ name: 'vmdata', state: 'SUSPENDED', errors: { is: 'unavailable' } });
    expect(pool.vdevs[2]).toMatchObject({ name: 'sdc', state: 'FAULTED', note: 'too many errors' });
    expect(pool.vdevs[2]?.errors?.write).toEqual({ text: '126', least: 126 });
    expect(() => poolIn('proxmox-8-suspended')).toThrow('says nothing of errors');
  });

  test('that could not be opened has no line of errors and none of a scrub, and hides no other pool', () => {
    const closed = [
      '  pool: ssd',
      ' state: UNAVAIL',
      'status: One or more devices could not be opened.  There are insufficient',
      '\treplicas for the pool to continue functioning.',
      "action: Attach the missing device and online it using 'zpool online'.",
      '   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-3C',
      'config:',
      '',
      '\tNAME                   STATE     READ WRITE CKSUM',
      '\tssd                    UNAVAIL      0     0     0  insufficient replicas',
      '\t  1029384756123456789  UNAVAIL      0     0     0  was /dev/sdb1',
      '',
    ].join('\n');
    const [ssd, other] = parsePoolStatuses({ stdout: `${closed}\n${fixture('freebsd-11-stripe-of-files')}`, stderr: '' });
    expect(ssd).toMatchObject({ name: 'ssd', state: 'UNAVAIL', errors: { is: 'unavailable' }, scan: { is: 'none' } });
    expect(other?.name).toBe('tank');
    expect([ssd, other].map((pool) => pool !== undefined && isWorking(pool))).toEqual([false, true]);
  });

  test('names logs, spares and missing disks', () => {
    const pool = poolIn('proxmox-7-missing-disk');
    expect(pool.errors).toEqual({ is: 'counted', count: 412 });
    expect(pool.vdevs.map(({ name, state, note }) => [name, state, note])).toEqual([
      ['rpool', 'DEGRADED', undefined],
      ['raidz2-0', 'DEGRADED', undefined],
      ['sda', 'ONLINE', undefined],
      ['17844476680277185950', 'UNAVAIL', 'was /dev/sdc1'],
      ['sdd', 'ONLINE', undefined],
      ['nvme0n1p4', 'ONLINE', undefined],
      ['ata-ST3000DM008-2DM166', 'INUSE', 'currently in use'],
    ]);
    expect(pool.vdevs.at(-1)?.errors).toBeUndefined();
  });

  test('of each pool stands for itself', () => {
    expect(poolsIn('debian-12-list-empty')).toMatchObject([
      { name: 'recv', scan: { is: 'none' }, errors: { is: 'none' } },
      { name: 'send', scan: { is: 'none' }, errors: { is: 'unavailable' } },
    ]);
  });
});

describe('the scrub', () => {
  test.each([
    ['freebsd-10-scrub', 'scrub', '2015-10-15T16:59:14', 0.04, '20h47m', '39.1M scanned out of 106G at 1.45M/s'],
    [
      'nixos-2021-snapshots',
      'scrub',
      '2021-05-21T07:20:10',
      49.18,
      '00:03:33',
      '131G scanned at 649M/s, 70.2G issued at 347M/s, 143G total',
    ],
    [
      'proxmox-7-missing-disk',
      'scrub',
      '2023-07-16T23:21:45',
      20.8,
      undefined,
      '6.99T scanned at 1.20G/s, 6.68T issued at 0B/s, 32.1T total',
    ],
    [
      'proxmox-8-volumes-and-deleted',
      'scrub',
      '2025-09-29T15:10:13',
      0,
      undefined,
      '3.48G / 75.7G scanned at 8.37K/s, 0B / 75.7G issued',
    ],
    [
      'truenas-core-12-resilver',
      'resilver',
      '2020-12-10T16:11:52',
      10.49,
      '07:57:38',
      '2.85T scanned at 889M/s, 1.29T issued at 402M/s, 12.3T total',
    ],
  ])('in %s runs', (name, what, since, percent, toGo, figures) => {
    expect(poolIn(name).scan).toEqual({ is: 'running', what, since: at(since), percent, figures, ...(toGo && { toGo }) });
  });

  test('that is paused says since when, and how far it was', () => {
    const [before, now] = poolsIn('openzfs-scrub-paused').map(({ scan }) => scan);
    const figures = '1.02T scanned, 512G issued, 1.64T total';
    expect(before).toEqual({ is: 'paused', since: at('2018-10-12T17:51:25'), percent: 30.49, figures });
    expect(now).toMatchObject({ percent: 40, figures: '101G / 160G scanned, 64G / 160G issued' });
  });

  test('that is over says when, with which errors, and whether somebody ended it', () => {
    expect(poolIn('freebsd-11-stripe-of-files').scan).toEqual({
      is: 'finished',
      what: 'scrub',
      at: at('2017-02-22T22:58:40'),
      repaired: '87.5K',
      errors: 686,
    });
    const [canceled, rebuilt] = poolsIn('openzfs-other-lines').map(({ scan }) => scan);
    expect(canceled).toEqual({ is: 'canceled', what: 'scrub', at: at('2026-03-28T12:50:55') });
    expect(rebuilt).toMatchObject({ is: 'finished', what: 'scrub', at: at('2026-03-23T04:03:05') });
  });

  test('of an old pool is called by another name', () => {
    const sessions = fixture('zfs-fuse-pool-version-23').matchAll(/^(?:\+{4} zpool status.*\n)((?:(?!\+{4}).*\n)*)/gm);
    const states = [...sessions].map(([, stdout = '']) => parsePoolStatuses({ stdout, stderr: '' })[0]);
    expect(states.map((pool) => pool?.scan.is)).toEqual(['none', 'finished', 'finished', 'finished', 'finished']);
    expect(states.at(-1)?.vdevs.at(-1)).toMatchObject({ note: '50.5M repaired', errors: { checksum: { least: 613 } } });
  });
});

test('what is damaged may be a file, a block of a volume or snapshot, or something deleted', () => {
  expect(poolIn('proxmox-8-volumes-and-deleted').errors).toEqual({
    is: 'listed',
    entries: [
      'vmdata/vm-100-disk-0:<0x1>',
      'vmdata/vm-100-disk-0@pre-playbooks-with-ansible:<0x1>',
      'vmdata/vm-203-disk-0:<0x1>',
      'vmdata/vm-204-disk-0@clean-cluster-init:<0x1>',
      'vmdata/vm-100-disk-0@pre-playbooks:<0x1>',
      '<0x1420>:<0x1>',
      '<0x1d22a>:<0x1>',
    ],
  });
  const entries = poolIn('nixos-2021-snapshots').errors;
  expect(entries).toMatchObject({ entries: expect.arrayContaining(['zroot/home:/etu/.mozilla/firefox/<redacted>']) });
});

describe('no answer is', () => {
  const stdout = fixture('freebsd-11-stripe-of-files');
  const parse = (text: string) => parsePoolStatuses({ stdout: text, stderr: '' });

  test('nothing at all; that there are no pools is one', () => {
    expect(() => parse('')).toThrow('it names no pool');
    expect(parse('no pools available\n')).toEqual([]);
  });

  test.each([
    ['a state', ' state: DEGRADED', ' state: MOODY', 'unknown state MOODY'],
    ['a line', '  scan: ', ' scanx: ', 'not a line of a pool'],
    ['a scan', 'scrub repaired', 'scrub enjoyed', 'not a state of a scrub'],
    ['a date', 'Wed Feb 22', 'Wed Xyz 22', 'not a date'],
    ['a count', '1.37K', '1.37X', 'not a count'],
    ['a device', '/tmp/tank/vdev1  ONLINE       0     0     0', '/tmp/tank/vdev1', 'not a device'],
    ['a header', 'READ WRITE CKSUM', 'READ WRITE', 'no table of devices'],
    ['a line of errors', 'Permanent errors', 'Odd errors', 'not a state of errors'],
  ])('%s of a form that is not known', (_what, from, to, says) => {
    expect(() => parse(stdout.replace(from, to))).toThrow(says);
  });

  test('a text that was cut, or names a pool twice', () => {
    expect(() => parse(stdout.slice(0, stdout.indexOf('config:')))).toThrow('a pool without name or table');
    expect(() => parse(stdout.slice(0, stdout.indexOf('errors:')))).toThrow('says nothing of errors');
    expect(() => parse(`${stdout}\n${stdout}`)).toThrow('names a pool twice');
    expect(() => parse(`odd\n${stdout}`)).toThrow('it names no pool');
  });
});

test('a look is bounded, and a name that looks like an option is refused', () => {
  expect(show(poolStatuses(NAS, 'core').command)).toBe('nas$ sudo --non-interactive timeout -k 1 8 zpool status -v');
  expect([scrub, pauseScrub, stopScrub].map((make) => show(make(NAS, 'main').command))).toEqual([
    'nas$ sudo --non-interactive zpool scrub main',
    'nas$ sudo --non-interactive zpool scrub -p main',
    'nas$ sudo --non-interactive zpool scrub -s main',
  ]);
  expect(() => scrub(NAS, '-s')).toThrow('dash');
});
