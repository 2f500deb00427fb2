import type { Dataset } from '../disk.ts';
import { type Answer, type Call, fail, lines, ok } from '../shell.ts';
import { type Snapshot, snapshotNamed, snapshotsOf } from '../snapshots.ts';
import { bytesOf } from './zfs-snapshots.ts';

const GIB = 2 ** 30;

/** What the pools of the site can hold. */
const POOL_BYTES: Readonly<Record<string, number>> = { main: 1_679 * GIB, ssd: 238 * GIB };

function datasetNamed({ world }: Call, name: string): Dataset | undefined {
  return world.nas.disk.datasets.find((each) => each.name === name);
}

function missing(name: string): Answer {
  return fail(1, `cannot open '${name}': dataset does not exist`);
}

export const ALL_PROPERTIES = '-H -p -o property,value,source all';
const WRITTEN = /^-H -p -o value written@(\S+)$/;

/** `zfs get … DATASET` */
export function get(call: Call, args: readonly string[]): Answer {
  const [asked, name = ''] = [args.slice(0, -1).join(' '), args.at(-1)];
  const written = WRITTEN.exec(asked)?.[1];
  if (asked !== ALL_PROPERTIES && written === undefined) return fail(2, 'bad property list: invalid property');
  const dataset = datasetNamed(call, name);
  if (dataset === undefined) return missing(name);
  if (written === undefined) return ok(lines(propertiesOf(call, dataset).map((row) => row.join('\t'))));
  const own = snapshotsOf(call.world.nas.disk, name);
  const since = own.findIndex(({ short }) => short === written);
  if (since < 0) return fail(1, `cannot open '${name}@${written}': dataset does not exist`);
  const later = own.slice(since + 1).reduce((sum, each) => sum + each.writtenBytes, dataset.writtenBytes ?? 0);
  return ok(`${later}\n`);
}

type Row = readonly [property: string, value: string, source: string];

function propertiesOf({ world: { nas } }: Call, dataset: Dataset): Row[] {
  const [pool = ''] = dataset.name.split('/');
  const size = POOL_BYTES[pool] ?? 100 * GIB;
  const percent = nas.pools.find(({ name }) => name === pool)?.usedPercent ?? 0;
  const taken = Math.round((size * percent) / 100);
  const used = dataset.name === pool ? taken : bytesOf(nas.disk.content(dataset));
  const isVolume = dataset.isVolume === true;
  const isSet = dataset.readOnly === undefined ? 'default' : 'local';
  return [
    ['type', isVolume ? 'volume' : 'filesystem', '-'],
    ['used', `${used}`, '-'],
    ['available', `${size - taken}`, '-'],
    ['referenced', `${used}`, '-'],
    ...(isVolume ? [] : placeOf(dataset)),
    ['recordsize', '131072', 'default'],
    ['readonly', dataset.readOnly === true ? 'on' : 'off', isSet],
    ['encryption', dataset.isEncrypted === true ? 'aes-256-gcm' : 'off', dataset.isEncrypted === true ? '-' : 'default'],
    ...Object.entries(dataset.own ?? {}).map(([name, value]): Row => [name, value, 'local']),
  ];
}

function placeOf({ mounted, mountPoint, canMount }: Dataset): Row[] {
  return [
    ['mounted', mounted ? 'yes' : 'no', '-'],
    ['mountpoint', mountPoint, 'default'],
    ['canmount', canMount, canMount === 'on' ? 'default' : 'local'],
  ];
}

export const FAMILY_LIST = '-H -r -t filesystem,volume -o name';

/** `zfs list -H -r -t filesystem,volume -o name DATASET` */
export function listFamily(call: Call, name: string): Answer {
  if (datasetNamed(call, name) === undefined) return missing(name);
  const names = call.world.nas.disk.datasets.map((each) => each.name);
  return ok(lines(names.filter((each) => each === name || each.startsWith(`${name}/`)).toSorted()));
}

/** `zfs set readonly=on|off DATASET` */
export function set(call: Call, [property = '', name = '', ...more]: readonly string[]): Answer {
  const value = /^readonly=(on|off)$/.exec(property)?.[1];
  if (value === undefined || more.length > 0) return fail(2, `cannot set property for '${name}': invalid property`);
  const dataset = datasetNamed(call, name);
  if (dataset === undefined) return missing(name);
  dataset.readOnly = value === 'on';
  return ok();
}

/** `zfs inherit readonly DATASET` */
export function inherit(call: Call, [property = '', name = '', ...more]: readonly string[]): Answer {
  if (property !== 'readonly' || more.length > 0) return fail(2, `cannot inherit property '${property}'`);
  const dataset = datasetNamed(call, name);
  if (dataset === undefined) return missing(name);
  delete dataset.readOnly;
  return ok();
}

/** `zfs send SNAPSHOT | zfs receive -u [-o PROPERTY=VALUE]… DATASET` */
export function copyAll(call: Call, [from = '', ...args]: readonly string[]): Answer {
  const { disk } = call.world.nas;
  const name = args.at(-1) ?? '';
  const snapshot = snapshotNamed(disk, from);
  if (snapshot === undefined) return missing(from);
  if (datasetNamed(call, name) !== undefined)
    return fail(1, `cannot receive new filesystem stream: destination '${name}' exists\nmust specify -F to overwrite it`);
  const above = name.slice(0, name.lastIndexOf('/'));
  if (datasetNamed(call, above) === undefined)
    return fail(1, `cannot receive new filesystem stream: destination '${above}' does not exist`);
  const own = Object.fromEntries(args.flatMap((word, index) => (args[index - 1] === '-o' ? [word.split('=')] : [])));
  const dataset: Dataset = { name, mountPoint: `/mnt/${name}`, mounted: false, canMount: 'on', own };
  disk.datasets.push(dataset);
  receive(call, dataset, snapshot);
  return ok();
}

/** `zfs send -i SNAPSHOT SNAPSHOT | zfs receive -u DATASET` */
export function copySince(call: Call, [since = '', from = '', name = '']: readonly string[]): Answer {
  const { disk } = call.world.nas;
  const [base, snapshot, dataset] = [snapshotNamed(disk, since), snapshotNamed(disk, from), datasetNamed(call, name)];
  if (base === undefined || snapshot === undefined) return missing(base === undefined ? since : from);
  if (dataset === undefined) return fail(1, `cannot receive incremental stream: destination '${name}' does not exist`);
  if (snapshotsOf(disk, name).at(-1)?.guid !== base.guid)
    return fail(1, `cannot receive incremental stream: most recent snapshot of ${name} does not\nmatch incremental source`);
  if ((dataset.writtenBytes ?? 0) > 0)
    return fail(1, `cannot receive incremental stream: destination ${name} has been modified\nsince most recent snapshot`);
  receive(call, dataset, snapshot);
  return ok();
}

/** A received snapshot keeps its guid. */
function receive({ world: { nas } }: Call, dataset: Dataset, snapshot: Snapshot): void {
  const { disk } = nas;
  disk.fill(dataset, snapshot.content);
  const order = 1 + Math.max(0, ...disk.snapshots.map((each) => each.order));
  disk.snapshots.push({ ...snapshot, dataset: dataset.name, order, holds: new Set() });
  dataset.writtenBytes = 0;
}
