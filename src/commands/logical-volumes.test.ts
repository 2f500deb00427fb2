import { describe, expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { copyVolume, logicalVolumes, parseLogicalVolumes, parseVolumeGroups, renameVolume } from './logical-volumes.ts';

const PVE = { name: 'pve', sudo: false };
const VOLUME = 'vm-9999-pvc-5f0a6f0e-3d0c-4a1f-9a5e-0a2c1f7b1111';

const ROW = {
  vg_name: 'pve',
  lv_name: VOLUME,
  lv_uuid: 'nec6hi-MuEx-XARj-k76Y-L5hB-8Lm0-seUvzP',
  lv_attr: 'Vwi-aotz--',
  lv_size: '1073741824B',
  pool_lv: 'data',
  origin: '',
  data_percent: '14.65',
  metadata_percent: '',
  lv_device_open: 'open',
  lv_time: '2026-04-03 03:00:12 +0300',
  lv_tags: '',
};

function report(...rows: readonly Readonly<Record<string, string>>[]): string {
  return JSON.stringify({ report: [{ lv: rows }] });
}

describe('a logical volume', () => {
  test('has its pool, its fill, whether it is open, and when it was made, whatever the time of the host', () => {
    expect(parseLogicalVolumes(report(ROW))).toEqual([
      {
        name: VOLUME,
        vg: 'pve',
        uuid: 'nec6hi-MuEx-XARj-k76Y-L5hB-8Lm0-seUvzP',
        attributes: 'Vwi-aotz--',
        sizeBytes: 1_073_741_824,
        pool: 'data',
        dataPercent: 14.65,
        isOpen: true,
        createdAt: Date.UTC(2026, 3, 3, 0, 0, 12) / 1000,
        tags: [],
      },
    ]);
  });

  test('that is a snapshot names its origin; one that LVM keeps for itself loses its brackets', () => {
    const snapshot = { ...ROW, lv_name: `${VOLUME}_snap_20260403_0300`, origin: VOLUME, lv_tags: 'nightly,kept' };
    const inner = { ...ROW, lv_name: '[data_tdata]', lv_attr: 'Twi-ao----', pool_lv: '', lv_time: '' };
    const [one, other] = parseLogicalVolumes(report(snapshot, inner));
    expect(one).toMatchObject({ origin: VOLUME, tags: ['nightly', 'kept'] });
    expect(other).toMatchObject({ name: 'data_tdata' });
    expect(other).not.toHaveProperty('createdAt');
    expect(other).not.toHaveProperty('pool');
  });

  test('that is not active has no device which could be open; of any other, "unknown" is no answer', () => {
    const [still] = parseLogicalVolumes(report({ ...ROW, lv_attr: 'Vwi---tz--', lv_device_open: 'unknown', data_percent: '' }));
    expect(still).toMatchObject({ isOpen: false });
    expect(still).not.toHaveProperty('dataPercent');
    expect(parseLogicalVolumes(report({ ...ROW, lv_attr: 'Vwi-a-tz--', lv_device_open: '' }))).toMatchObject([{ isOpen: false }]);
    for (const lv_attr of ['Vwi-a-tz--', 'Vwi-XXtzX-', 'Vwi-d-tz--', 'Vwi-aotz--'])
      expect(() => parseLogicalVolumes(report({ ...ROW, lv_attr, lv_device_open: 'unknown' }))).toThrow('is open is unknown');
  });

  test.each([
    ['nothing', '', 'JSON'],
    ['a size with a unit', report({ ...ROW, lv_size: '1.00g' }), 'is no size in bytes'],
    ['a time without its zone', report({ ...ROW, lv_time: '2026-04-03 03:00:12' }), 'is no time'],
    ['other words for open', report({ ...ROW, lv_device_open: '1' }), 'lv_device_open'],
    ['a list without that column', report({ ...ROW, lv_tags: undefined as never }), 'lv_tags'],
    ['no letters', report({ ...ROW, lv_attr: 'Vwi' }), 'is no attributes'],
  ])('is not read from %s', (_what, text, says) => {
    expect(() => parseLogicalVolumes(text)).toThrow(says);
  });
});

test('a volume group has its size and what is free in bytes', () => {
  const vg = [{ vg_name: 'pve', vg_attr: 'wz--n-', vg_size: '624951296B', vg_free: '406847488B' }];
  expect(parseVolumeGroups(JSON.stringify({ report: [{ vg }] }))).toEqual([
    { name: 'pve', attributes: 'wz--n-', sizeBytes: 624_951_296, freeBytes: 406_847_488 },
  ]);
  expect(() => parseVolumeGroups('{"report":[]}')).toThrow('report');
});

test('changes name the volume with its group, once, and no name can be an option', () => {
  const volume = { vg: 'pve', name: VOLUME };
  expect(show(renameVolume(PVE, volume, `${VOLUME}_before`).command)).toBe(`pve$ lvrename pve/${VOLUME} pve/${VOLUME}_before`);
  expect(show(copyVolume(PVE, { vg: 'pve', name: 'snap' }, { name: VOLUME }).command)).toBe(
    `pve$ lvcreate -s -kn -n ${VOLUME} pve/snap`,
  );
  for (const bad of ['-f', 'a/b', '', '..', 'a b', 'x'.repeat(128)]) {
    expect(() => renameVolume(PVE, volume, bad)).toThrow('is no name of LVM');
    expect(() => logicalVolumes(PVE, bad)).toThrow('is no name of LVM');
  }
});
