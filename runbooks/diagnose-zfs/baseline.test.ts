import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { PoolStatus, Vdev } from '../../src/commands/zfs-status.ts';
import { parseConfig } from '../../src/config/config.ts';
import { siteOf } from '../../src/config/site.ts';
import { exampleText } from '../../test/example-config.ts';
import { baselineText, compare, growthOf, kindOf, leavesOf } from './baseline.ts';

const ZERO = { text: '0', least: 0 };

function device(name: string, depth: number, text = '0', least = Number(text)): Vdev {
  return { name, depth, state: 'ONLINE', errors: { read: ZERO, write: ZERO, checksum: { text, least } } };
}

function pool(entries: readonly string[], ...vdevs: Vdev[]): PoolStatus {
  const errors = entries.length === 0 ? ({ is: 'none' } as const) : ({ is: 'listed', entries } as const);
  return { name: 'main', state: 'ONLINE', scan: { is: 'none' }, vdevs: [device('main', 0), ...vdevs], errors };
}

describe('the errors of a pool', () => {
  const known = { errors: ['/mnt/main/a', '/mnt/main/b b'], checksums: {} };

  test('are known, new or gone, each by its exact text', () => {
    const now = pool(['/mnt/main/b b', '/mnt/main/b', '/mnt/main/b b']);
    expect(compare(now, known)).toEqual({ count: 2, fresh: ['/mnt/main/b'], more: 1, gone: ['/mnt/main/a'] });
    expect(compare(pool([]), known)).toEqual({ count: 0, fresh: [], more: 0, gone: known.errors });
    expect(compare(pool(['/x']), undefined)).toEqual({ count: 1, fresh: ['/x'], more: 1, gone: [] });
  });

  test('can be counted where only their number is known', () => {
    expect(compare(pool(['/x', '/y']), { errors: 2, checksums: {} })).toMatchObject({ more: 0, fresh: [] });
    expect(compare(pool(['/x', '/y', '/z']), { errors: 2, checksums: {} })).toMatchObject({ more: 1, fresh: [] });
    const counted = { ...pool([]), errors: { is: 'counted', count: 3 } as const };
    expect(compare(counted, known)).toEqual({ count: 3, fresh: [], more: 1, gone: [] });
    expect(compare(counted, { errors: 3, checksums: {} })).toMatchObject({ more: 0 });
  });

  test('cannot be compared where the pool hides them', () => {
    expect(compare({ ...pool([]), errors: { is: 'unavailable' } }, known)).toBeUndefined();
  });
});

describe('checksum errors', () => {
  const status = pool(
    [],
    device('mirror-0', 1, '9'),
    device('sda', 2, '1.37K', 1398),
    device('sdb', 2, '3'),
    device('logs-disk', 1),
  );

  test('count where nothing lies below', () => {
    expect(leavesOf(status).map(({ name }) => name)).toEqual(['sda', 'sdb', 'logs-disk']);
  });

  test('have grown where the least that a rounded figure can stand for is more than known', () => {
    expect(growthOf(status, undefined).map((each) => each.device)).toEqual(['sda', 'sdb']);
    expect(growthOf(status, { errors: [], checksums: { sda: 1398, sdb: 3 } })).toEqual([]);
    expect(growthOf(status, { errors: [], checksums: { sda: 1400, sdb: 4 } })).toEqual([]);
    expect(growthOf(status, { errors: [], checksums: { sda: 1397, sdb: 3 } })).toMatchObject([{ device: 'sda', known: 1397 }]);
  });
});

test('what is printed for the configuration is accepted there, and makes the same state known', () => {
  const entries = ['/mnt/main/a: b', "/mnt/main/it's #1", 'main/vol:<0x1>'];
  const status = pool(entries, device('sda', 1, '1.37K', 1398), device('sdb', 1));
  const text = baselineText(status);
  expect(parse(text)).toEqual({ zfsBaseline: { main: { errors: entries, checksums: { sda: 1398 } } } });
  const config = exampleText.replace('    host: truenas #', `    ${text}\n    host: truenas #`);
  const known = siteOf(parseConfig(config)).nas.zfsBaseline?.['main'];
  expect(compare(status, known)).toEqual({ count: 3, fresh: [], more: 0, gone: [] });
  expect(growthOf(status, known)).toEqual([]);
});

test.each([
  ['/mnt/main/immich/a:<0x1>', 'file'],
  ['main/immich:/library/me@home.jpg', 'file'],
  ['main/immich@auto-2026:/library/a b.jpg', 'snapshot'],
  ['main/volume@clean:<0x1>', 'snapshot'],
  ['main/volume:<0x1>', 'object'],
  ['main:<0x2ab>', 'object'],
  ['<0x1420>:<0x1>', 'deleted'],
  ['<metadata>:<0x3d>', 'metadata'],
])('%s is of the kind %s', (entry, kind) => {
  expect(kindOf(entry)).toBe(kind);
});
