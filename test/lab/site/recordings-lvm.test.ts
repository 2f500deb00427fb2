import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseLogicalVolumes, parseVolumeGroups } from '../../../src/commands/logical-volumes.ts';
import { parseThinPools } from '../../../src/commands/thin-pool.ts';
import { thinPoolLines } from '../../../src/commands/thin-pool-repairs.ts';
import { understand } from '../../../src/core/reading.ts';
import { type Entry, entriesOf } from '../../fixtures/transcript.ts';

const textOf = (name: string) => readFileSync(new URL(`../../fixtures/lvm/${name}.txt`, import.meta.url), 'utf8');
const all = entriesOf(textOf('thin-pool'));

const HEADING = /^ {2}LV +(VG +)?Attr/;

/** Names of a table's columns, as the JSON calls them. */
const COLUMNS: Readonly<Record<string, string>> = {
  LV: 'lv_name',
  VG: 'vg_name',
  Attr: 'lv_attr',
  LSize: 'lv_size',
  Pool: 'pool_lv',
  Origin: 'origin',
  'Data%': 'data_percent',
  'Meta%': 'metadata_percent',
  Health: 'lv_health_status',
};

type Row = Readonly<Record<string, string>>;

/** The rows of a table of lvs: its heading says where each column begins. A column that is there twice is the same twice. */
function rowsOf({ printed }: Pick<Entry, 'printed'>): readonly Row[] {
  const lines = printed.split('\n');
  const start = lines.findIndex((line) => HEADING.test(line));
  const heading = lines[start] ?? '';
  const columns = [...heading.matchAll(/\S+/g)].map(({ index, 0: name }) => ({ index, name }));
  const rows = lines.slice(start + 1).filter((line) => /^ {2}\S+ +(pve )? *[\w-]{10} /.test(line));
  return rows.map((line) => {
    const cells = columns.map(({ index, name }, at) => [name, line.slice(index, columns[at + 1]?.index).trim()] as const);
    return Object.fromEntries(cells.flatMap(([name, cell]) => (COLUMNS[name] === undefined ? [] : [[COLUMNS[name], cell]])));
  });
}

/** `1.00g` as bytes, the way that `--units b` prints them. */
function bytesOf(size = ''): string {
  const [, number = '', unit = ''] = /^<?([\d.]+)([mgt])$/.exec(size) ?? [];
  return `${Number(number) * 1_024 ** (' kmgt'.indexOf(unit))}B`;
}

/** What the bot asks for besides, and these commands did not. */
const NOT_ASKED = { vg_name: 'pve', lv_uuid: 'nec6hi', lv_device_open: '', lv_time: '', lv_tags: '', pool_lv: '', origin: '' };

function asJson(rows: readonly Row[]): string {
  const lv = rows.map(({ lv_health_status: _health, lv_size = '4.00m', ...row }) => {
    const lv_size_bytes = /^\d+B$/.test(lv_size) ? lv_size : bytesOf(lv_size);
    return { ...NOT_ASKED, ...row, lv_size: lv_size_bytes };
  });
  return JSON.stringify({ report: [{ lv }] });
}

const tables = all.filter(({ printed }) => printed.split('\n').some((line) => HEADING.test(line)));
const jsonOf = ({ printed }: Entry) => printed.slice(printed.indexOf('  {\n'));

/** What no parser is for, and why. */
const LEFT_OUT: readonly (readonly [command: RegExp, why: string])[] = [
  [/^(dd|timeout 60 dd) /, 'makes the situation'],
  [/^lvdisplay /, 'tells what lvs tells, for people'],
  [/^dmsetup status$/, 'tells what the letters and percentages of lvs tell, in blocks'],
  [/^thin_check /, 'the bot checks and repairs no metadata'],
];

const READ = [/^lvs -a -o \+/, /^lvs --reportformat json/, /^vgs; pvs; vgs/, /^sleep 12; lvs/, /^dmesg/, /^timeout 90 sh -c/];

describe('of the recordings of a real thin pool', () => {
  test('every entry has a parser, or a reason why none is needed', () => {
    const lost = all.filter(
      ({ command }) => !READ.some((each) => each.test(command)) && !LEFT_OUT.some(([each]) => each.test(command)),
    );
    expect(all).toHaveLength(12);
    expect(lost.map(({ command }) => command)).toEqual([]);
    for (const each of [...READ, ...LEFT_OUT.map(([command]) => command)])
      expect({ each: `${each}`, has: all.some(({ command }) => each.test(command)) }).toEqual({ each: `${each}`, has: true });
  });

  test('what made the pool is no reading: each of its commands makes something', () => {
    const commands = textOf('setup').match(/^\++ .*/gm) ?? [];
    expect(commands).toHaveLength(8);
    for (const command of commands) expect(command).toMatch(/^\++ (truncate |losetup |L=|pvcreate |vgcreate |lvcreate )/);
  });

  test('what the kernel says of the pool is read, and nothing else that it says', () => {
    const logs = all.filter(({ command }) => command.includes('dmesg'));
    expect(logs).toHaveLength(2);
    for (const { printed } of logs) {
      const stdout = printed.slice(printed.indexOf('['));
      const seen = understand(thinPoolLines({ name: 'pve', sudo: false }), { exitCode: 0, stdout, stderr: '' });
      expect(seen.known && seen.value.map((line) => line.replace(/^.*253:2: /, ''))).toEqual([
        'reached low water mark for data device: sending event.',
        'switching pool to out-of-data-space (queue IO) mode',
        'switching pool to out-of-data-space (error IO) mode',
      ]);
    }
  });

  test('every row of every table of lvs is a volume with its letters and figures', () => {
    expect(tables).toHaveLength(4);
    for (const table of tables) {
      const rows = rowsOf(table);
      const lines = table.printed.split('\n').filter((line) => /^ {2}(data|\[|vm-)/.test(line));
      expect(rows).toHaveLength(lines.length);
      const volumes = parseLogicalVolumes(asJson(rows));
      expect(volumes.map(({ name }) => name)).toEqual(
        lines.map((line) => (line.trim().split(/\s/)[0] ?? '').replaceAll(/[[\]]/g, '')),
      );
      const told = volumes.map(({ attributes, dataPercent, metadataPercent, name }) => {
        const line = lines.find((each) => each.replaceAll(/[[\]]/g, ' ').includes(` ${name} `)) ?? '';
        const figures = [dataPercent, metadataPercent].flatMap((figure) =>
          figure === undefined ? [] : [` ${figure.toFixed(2)}`],
        );
        return [attributes, ...figures].filter((each) => !line.includes(each));
      });
      expect(told.flat()).toEqual([]);
    }
  });

  test('the pool fills, and its letter says when it has no data left', () => {
    const pools = tables.flatMap((table) => parseLogicalVolumes(asJson(rowsOf(table))).filter(({ name }) => name === 'data'));
    expect(pools.map(({ attributes, dataPercent, metadataPercent }) => [attributes, dataPercent, metadataPercent])).toEqual([
      ['twi-aotz--', 0, 11.04],
      ['twi-aotz--', 75, 12.01],
      ['twi-aotzD-', 100, 12.4],
      ['twi-aotzD-', 100, 12.4],
    ]);
  });

  test('the JSON is read whole: volumes, the pool as a pool, and groups', () => {
    const [json] = all.filter(({ command }) => command.startsWith('lvs --reportformat json'));
    const [groups] = all.filter(({ command }) => command.startsWith('vgs; pvs'));
    if (json === undefined || groups === undefined) throw new Error('the recording has both');
    const { lv } = JSON.parse(jsonOf(json)).report[0] as { lv: Row[] };
    const volumes = parseLogicalVolumes(asJson(lv));
    expect(volumes.map(({ name, sizeBytes, pool, dataPercent }) => [name, sizeBytes, pool, dataPercent])).toEqual([
      ['data', 209_715_200, undefined, 75],
      ['data_tdata', 209_715_200, undefined, undefined],
      ['data_tmeta', 4_194_304, undefined, undefined],
      ['lvol0_pmspare', 4_194_304, undefined, undefined],
      ['vm-100-disk-0', 1_073_741_824, 'data', 14.65],
      ['vm-101-disk-0', 524_288_000, 'data', 0],
    ]);
    const { lv_size: _size, pool_lv: _pool, ...asAsked } = lv[0] ?? {};
    expect(parseThinPools(JSON.stringify({ report: [{ lv: [asAsked] }] }))).toMatchObject([
      { name: 'pve/data', dataPercent: 75 },
    ]);
    expect(parseVolumeGroups(jsonOf(groups))).toEqual([
      { name: 'pve', attributes: 'wz--n-', sizeBytes: 624_951_296, freeBytes: 406_847_488 },
    ]);
  });

  test('table and JSON of one moment tell the same', () => {
    const [, table] = tables;
    const json = all.find(({ command }) => command.startsWith('lvs --reportformat json'));
    if (table === undefined || json === undefined) throw new Error('the recording has both');
    const { lv } = JSON.parse(jsonOf(json)).report[0] as { lv: Row[] };
    expect(parseLogicalVolumes(asJson(rowsOf(table)))).toEqual(parseLogicalVolumes(asJson(lv)));
  });
});
