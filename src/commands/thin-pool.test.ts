import { describe, expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { understand } from '../core/reading.ts';
import { diskErrors, parseThinPools, thinPools } from './thin-pool.ts';

const PVE = { name: 'pve', sudo: false };

/** As lvs of Debian 12 prints it. */
function report(...volumes: readonly Readonly<Record<string, string>>[]): string {
  const rows = volumes.map((volume) => `                  ${JSON.stringify(volume).replaceAll('","', '", "')}`);
  return `  {\n      "report": [\n          {\n              "lv": [\n${rows.join(',\n')}\n              ]\n          }\n      ]\n  }\n`;
}

const DATA = { vg_name: 'pve', lv_name: 'data', lv_attr: 'twi-aotzD-', data_percent: '100.00', metadata_percent: '12.40' };

describe('thin pools', () => {
  test('have their fill of data and of metadata, and their health', () => {
    expect(parseThinPools(report(DATA))).toEqual([
      { name: 'pve/data', attributes: 'twi-aotzD-', dataPercent: 100, metadataPercent: 12.4 },
    ]);
    expect(parseThinPools(report())).toEqual([]);
  });

  test('are read on a host whose language has a decimal comma', () => {
    const [pool] = parseThinPools(report({ ...DATA, data_percent: '62,35', metadata_percent: '3,52' }));
    expect(pool).toMatchObject({ dataPercent: 62.35, metadataPercent: 3.52 });
  });

  test.each([
    ['nothing', '', 'Unexpected end of JSON'],
    ['a pool that is not active, whose fill nobody knows', report({ ...DATA, data_percent: '' }), 'is no percentage'],
    ['another kind of volume', report({ ...DATA, lv_attr: 'Vwi-a-tz--' }), 'is no thin pool'],
    ['no list', '{"report":[]}', 'report'],
  ])('are not read from %s', (_what, text, says) => {
    expect(() => parseThinPools(text)).toThrow(says);
  });

  test('are asked of lvs by root, which is ended if it hangs', () => {
    expect(show(thinPools(PVE).command)).toBe(
      'pve$ timeout -k 1 8 lvs --reportformat json --select segtype=thin-pool -o vg_name,lv_name,lv_attr,data_percent,metadata_percent',
    );
  });
});

test('errors of disks are told from what else the kernel says; an empty log is no answer', () => {
  const lines = [
    '2026-04-03T08:51:07+0000 pve kernel: I/O error, dev sdc, sector 5704 op 0x1:(WRITE) flags 0x800 phys_seg 128 prio class 2',
    '2026-04-03T08:51:07+0000 pve kernel: Buffer I/O error on dev sda3, logical block 114689, lost sync page write',
    '2026-04-03T08:51:08+0000 pve kernel: sd 0:2:2:0: [sdc] tag#12 Sense Key : Medium Error [current]',
    '2026-04-03T08:51:08+0000 pve kernel: blk_update_request: critical space allocation error, dev dm-3, sector 8',
  ];
  const other = '2026-04-03T08:51:09+0000 pve kernel: vmbr1: port 3(tap202i0) entered forwarding state';
  const seen = understand(diskErrors(PVE), { exitCode: 0, stdout: [...lines, other, ''].join('\n'), stderr: '' });
  expect(seen).toMatchObject({ known: true, value: lines });
  expect(understand(diskErrors(PVE), { exitCode: 0, stdout: '-- No entries --\n', stderr: '' })).toMatchObject({ value: [] });
  expect(understand(diskErrors(PVE), { exitCode: 0, stdout: '', stderr: '' })).toMatchObject({ known: false });
});
