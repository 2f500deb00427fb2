import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../core/errors.ts';
import { extendData, extendMetadata, removeSnapshot, snapshotInName, thinPoolLines } from './thin-pool-repairs.ts';

const PVE = { name: 'pve', sudo: false };
const VOLUME = 'vm-9999-pvc-8627cda8-9428-4f3c-9d51-7d0d9a5b1c11';

describe('a snapshot', () => {
  test('is named after its volume and the night it was made in', () => {
    expect(snapshotInName(`${VOLUME}_snap_20260407_0300`)).toEqual({ origin: VOLUME, atS: Date.UTC(2026, 3, 7, 3) / 1_000 });
  });

  test.each([
    VOLUME,
    'data',
    'data_tmeta',
    'vm-102-disk-0_snap_20260407_0300',
    `${VOLUME}_pre_restore_20260407_0300`,
    `${VOLUME}_snap_`,
    `${VOLUME}_snap_20260407`,
    `${VOLUME}_snap_20260407_0300_kept`,
    `${VOLUME}_snap_20260407_0300\n`,
    '_snap_20260407_0300',
    `-f ${VOLUME}_snap_20260407_0300`,
  ])('is the only thing that can be removed: %j is refused', (name) => {
    expect(snapshotInName(name)).toBeUndefined();
    expect(() => removeSnapshot(PVE, { vg: 'pve', name })).toThrow(Refusal);
  });

  test('of a group whose name is an option is refused', () => {
    expect(() => removeSnapshot(PVE, { vg: '-y', name: `${VOLUME}_snap_20260407_0300` })).toThrow(Refusal);
  });
});

test('only a pool that is named with its group is extended', () => {
  expect(extendMetadata(PVE, 'pve/data').command).toMatchObject({ argv: ['lvextend', '--poolmetadatasize', '+1G', 'pve/data'] });
  for (const pool of ['data', '-f/data', 'pve/data extra', 'pve/data/x'])
    expect(() => extendMetadata(PVE, pool)).toThrow(Refusal);
});

test('a pool is extended by whole gibibytes, and never made smaller', () => {
  expect(extendData(PVE, 'pve/data', 44).command).toMatchObject({ argv: ['lvextend', '--size', '+44G', 'pve/data'] });
  for (const size of [0, -1, 1.5, Number.NaN, 2e6]) expect(() => extendData(PVE, 'pve/data', size)).toThrow(Refusal);
  expect(() => extendData(PVE, 'data', 1)).toThrow(Refusal);
});

test('what a real kernel said of a pool that filled up is found among its other lines', () => {
  const recorded = readFileSync(new URL('../../test/fixtures/lvm/thin-pool.txt', import.meta.url), 'utf8');
  const dmesg = recorded.split('\n').filter((line) => /^\[ *\d+\.\d+\]/.test(line));
  const { parse } = thinPoolLines(PVE);
  const lines = parse({ exitCode: 0, stdout: `${[...new Set(dmesg)].join('\n')}\n`, stderr: '' });
  expect(lines.map((line) => line.replace(/^\[ *\d+\.\d+\] /, ''))).toEqual([
    'device-mapper: thin: 253:2: reached low water mark for data device: sending event.',
    'device-mapper: thin: 253:2: switching pool to out-of-data-space (queue IO) mode',
    'device-mapper: thin: 253:2: switching pool to out-of-data-space (error IO) mode',
  ]);
  expect(() => parse({ exitCode: 0, stdout: '', stderr: '' })).toThrow('nothing');
});
