import { describe, expect, test } from 'vitest';
import type { Dataset } from './zfs.ts';
import { datasetOf, parseDatasets } from './zfs.ts';

test('a dataset says whether it is mounted, where, and whether it may be', () => {
  expect(parseDatasets('main\tyes\t/mnt/main\ton\nmain/iocage\tno\tnone\toff\n')).toEqual([
    { name: 'main', mounted: true, mountPoint: '/mnt/main', canMount: 'on' },
    { name: 'main/iocage', mounted: false, mountPoint: 'none', canMount: 'off' },
  ]);
  expect(() => parseDatasets('main\tyes\t/mnt/main\t-\n')).toThrow('not a dataset');
  expect(() => parseDatasets('main\tyes\t/mnt/main\n')).toThrow('not a dataset');
});

function dataset(name: string, rest: Partial<Dataset> = {}): Dataset {
  return { name, mounted: true, mountPoint: `/mnt/${name}`, canMount: 'on', ...rest };
}

function holder(all: readonly Dataset[], path: string): string | undefined {
  return datasetOf(all, path)?.name;
}

describe('the dataset of a path', () => {
  const main = dataset('main');

  test('is the one with the longest mount point above it', () => {
    const all = [dataset('main/immich'), main, dataset('main/immich2')];
    expect(holder(all, '/mnt/main/immich/library')).toBe('main/immich');
    expect(holder(all, '/mnt/main/immich')).toBe('main/immich');
    expect(holder(all, '/mnt/main/immich3')).toBe('main');
    expect(holder(all, '/srv')).toBeUndefined();
    expect(holder([dataset('boot', { mountPoint: '/' }), main], '/srv')).toBe('boot');
  });

  test('is not one without a mount point of its own', () => {
    const none = [
      dataset('a', { mountPoint: 'none' }),
      dataset('b', { mountPoint: 'legacy' }),
      dataset('c', { mountPoint: '-' }),
    ];
    expect(holder([main, ...none], '/mnt/main/immich')).toBe('main');
  });

  test('is the unmounted one that should be there', () => {
    expect(datasetOf([main, dataset('main/immich', { mounted: false })], '/mnt/main/immich/library')).toMatchObject({
      name: 'main/immich',
      mounted: false,
    });
  });

  test('is the mounted one of two with the same mount point', () => {
    const copy = dataset('backup/immich', { mountPoint: '/mnt/main/immich', mounted: false });
    expect(holder([copy, main, dataset('main/immich')], '/mnt/main/immich')).toBe('main/immich');
    expect(holder([main, dataset('main/immich'), copy], '/mnt/main/immich')).toBe('main/immich');
  });

  test.each(['off', 'noauto'] as const)('is not an unmounted one with canmount=%s', (canMount) => {
    const container = dataset('main/immich', { mounted: false, canMount });
    expect(holder([main, container], '/mnt/main/immich/library')).toBe('main');
    expect(holder([main, container, dataset('main/immich/library')], '/mnt/main/immich/library')).toBe('main/immich/library');
    expect(holder([main, { ...container, mounted: true }], '/mnt/main/immich/library')).toBe('main/immich');
  });

  test('is the topmost unmounted one, whatever is mounted below it', () => {
    const all = [dataset('main/immich/library'), dataset('main/immich', { mounted: false }), dataset('main', { mounted: false })];
    expect(holder(all, '/mnt/main/immich/library')).toBe('main');
    expect(holder([main, ...all.slice(0, 2)], '/mnt/main/immich/library')).toBe('main/immich');
  });
});
