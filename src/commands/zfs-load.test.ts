import { describe, expect, it } from 'vitest';
import { cacheHits, parseCacheHits, parsePoolSpace, parsePoolTraffic } from './zfs-load.ts';

const NAS = { name: 'truenas', sudo: false };

function sysctl(hits: number, misses: number): string {
  const values = { hits, misses, size: 9_400_000_000, c_max: 12_000_000_000 };
  return Object.entries(values)
    .map(([name, value]) => `kstat.zfs.misc.arcstats.${name}: ${value}\n`)
    .join('');
}

/** As /proc/spl/kstat/zfs/arcstats has them, with neighbours of similar names. */
function kstat(hits: number, misses: number): string {
  const rows = {
    hits,
    iohits: 77,
    misses,
    demand_data_hits: 5,
    mru_hits: 6,
    c: 11,
    c_min: 12,
    c_max: 100,
    size: 96,
    hdr_size: 3,
  };
  return [
    '9 1 0x01 147 39984 4710551482 1036800551482123',
    'name                            type data',
    ...Object.entries(rows).map(([name, value]) => `${name.padEnd(31)} 4    ${value}`),
    '',
  ].join('\n');
}

describe('the cache of ZFS', () => {
  it('is judged by what happened in between and by all since the boot, apart from each other', () => {
    const seen = parseCacheHits(sysctl(97_000, 3_000) + sysctl(97_713, 3_287));
    expect(seen.nowPercent).toBeCloseTo(71.3);
    expect(seen.sinceBootPercent).toBeCloseTo(96.75, 1);
    expect(seen.isFull).toBe(false);
  });

  it('is read on Linux from a table that has many more counters', () => {
    expect(parseCacheHits(kstat(900, 100) + kstat(990, 110))).toEqual({ nowPercent: 90, sinceBootPercent: 90, isFull: true });
  });

  it('has no figure for a time in which nothing was read, rather than 0 %', () => {
    expect(parseCacheHits(sysctl(5, 5) + sysctl(5, 5))).not.toHaveProperty('nowPercent');
  });

  it.each([
    ['is empty', ''],
    ['has one look', sysctl(5, 5)],
    ['lacks a counter', (sysctl(5, 5) + sysctl(6, 5)).replaceAll(/^.*misses.*\n/gm, '')],
    ['goes back', sysctl(50, 5) + sysctl(5, 5)],
    ['says that arc_summary has no such line', 'ARC summary: \n'],
  ])('is not known where the output %s', (_, text) => {
    expect(() => parseCacheHits(text)).toThrow(Error);
  });

  it('is none on a plain Linux server without ZFS, and not known where something else failed', () => {
    const { parse } = cacheHits(NAS, 'debian');
    const missing = 'cat: /proc/spl/kstat/zfs/arcstats: No such file or directory\n';
    expect(parse({ exitCode: 1, stdout: '', stderr: missing })).toBeUndefined();
    expect(() => parse({ exitCode: 1, stdout: '', stderr: 'cat: Permission denied\n' })).toThrow(Error);
  });
});

it('pools have rates in bytes and figures parted by tabs', () => {
  expect(parsePoolTraffic('main\t1100370624512\t703515639808\t320\t1160\t21504000\t76185600\n')).toEqual([
    { name: 'main', readKBPerS: 21_000, writeKBPerS: 74_400 },
  ]);
  expect(parsePoolTraffic('no pools available\n')).toEqual([]);
  for (const text of ['', 'main\t1\t2\n', 'main\t-\t-\t0\t0\tx\t0\n']) expect(() => parsePoolTraffic(text)).toThrow(Error);
});

it('a pool that does not count its fragments has none, rather than 0 %', () => {
  expect(parsePoolSpace('main\t61%\t24%\nold\t12%\t-\n')).toEqual([
    { name: 'main', usedPercent: 61, fragmentedPercent: 24 },
    { name: 'old', usedPercent: 12 },
  ]);
  for (const text of ['', 'main\t61\t24\n', 'main\t61%\n']) expect(() => parsePoolSpace(text)).toThrow(Error);
});

it('a pool that is not open has no figures, and does not hide those of the others', () => {
  expect(parsePoolSpace('old pool\t-\t-\nmain\t61%\t24%\n').map(({ name }) => name)).toEqual(['main']);
});
