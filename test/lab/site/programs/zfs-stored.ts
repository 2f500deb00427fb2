import type { Dataset, Directory } from '../disk.ts';
import { type Answer, type Call, fail, lines, ok } from '../shell.ts';
import { snapshotNamed, snapshotsOf } from '../snapshots.ts';
import { bytesOf } from './zfs-snapshots.ts';

export const STORED_LIST = '-H -p -t filesystem,volume -o name,type,mounted,mountpoint,canmount,used,avail,refer,written,origin';

const POOL_BYTES = 4_000_000_000_000;

/** How much of the pool's size is free, less the share that ZFS keeps for itself. */
export function availableBytes({ world: { nas } }: Call, name: string): number {
  const pool = nas.pools.find((each) => each.name === name.split('/', 1)[0]);
  return Math.round((POOL_BYTES * (100 - (pool?.usedPercent ?? 0))) / 100);
}

export function listStored(call: Call): Answer {
  const { disk } = call.world.nas;
  const row = (dataset: Dataset) => {
    const { name, mounted, mountPoint, canMount, writtenBytes = 0, origin = '-', isVolume = false } = dataset;
    const refer = bytesOf(disk.content(dataset));
    const used = refer + snapshotsOf(disk, name).reduce((sum, { usedBytes }) => sum + usedBytes, 0);
    const place = isVolume ? ['volume', '-', '-', '-'] : ['filesystem', mounted ? 'yes' : 'no', mountPoint, canMount];
    return [name, ...place, used, availableBytes(call, name), refer, writtenBytes, origin].join('\t');
  };
  return ok(lines(disk.datasets.map(row)));
}

const CLONE_OPTIONS = '-o readonly=on -o sharenfs=off -o sharesmb=off';

/** `zfs clone … SNAPSHOT DATASET`: mounted below its parent, as every dataset that says nothing of its own. */
export function clone({ world: { nas } }: Call, args: readonly string[]): Answer {
  const [from = '', name = ''] = args.slice(6);
  const { disk } = nas;
  if (args.slice(0, 6).join(' ') !== CLONE_OPTIONS || args.length !== 8)
    return fail(2, 'missing target dataset argument\nusage:');
  const origin = snapshotNamed(disk, from);
  const parent = disk.datasets.find((each) => each.name === name.slice(0, name.lastIndexOf('/')));
  if (origin === undefined) return fail(1, `cannot open '${from}': dataset does not exist`);
  if (disk.datasets.some((each) => each.name === name)) return fail(1, `cannot create '${name}': dataset already exists`);
  if (parent === undefined) return fail(1, `cannot create '${name}': parent does not exist`);
  const mountPoint = `${parent.mountPoint}${name.slice(name.lastIndexOf('/'))}`;
  const made: Dataset = { name, mountPoint, mounted: true, canMount: 'on', origin: from, readOnly: true, writtenBytes: 0 };
  disk.datasets.push(made);
  disk.fill(made, origin.content);
  return ok();
}

/** `zfs rollback SNAPSHOT`, without an option. */
export function rollback({ world: { nas } }: Call, [name = '', ...more]: readonly string[]): Answer {
  const { disk } = nas;
  const found = snapshotNamed(disk, name);
  const dataset = disk.datasets.find((each) => each.name === found?.dataset);
  if (name.startsWith('-') || more.length > 0) return fail(2, 'usage:\n\trollback [-rRf] <snapshot>');
  if (found === undefined || dataset === undefined) return fail(1, `cannot open '${name}': dataset does not exist`);
  const later = snapshotsOf(disk, found.dataset).filter(({ order }) => order > found.order);
  const bookmarks = disk.bookmarks.filter(
    (each) => each.name.startsWith(`${found.dataset}#`) && each.createdMs > found.createdMs,
  );
  const names = [...later.map(({ short }) => `${found.dataset}@${short}`), ...bookmarks.map((each) => each.name)];
  if (names.length > 0)
    return fail(
      1,
      `cannot rollback to '${name}': more recent snapshots or bookmarks exist\nuse '-r' to force deletion of the following snapshots and bookmarks:\n${names.join('\n')}`,
    );
  disk.fill(dataset, found.content);
  dataset.writtenBytes = 0;
  return ok();
}

/** `sh -c … diff SNAPSHOT DATASET`: what zfs diff tells of what the dataset holds now. */
export function diff({ world: { nas } }: Call, [from = '', name = '']: readonly string[]): Answer {
  const { disk } = nas;
  const snapshot = snapshotNamed(disk, from);
  const dataset = disk.datasets.find((each) => each.name === name);
  if (snapshot === undefined || dataset === undefined) {
    const wanted = snapshot === undefined ? from : name;
    return fail(0, `Cannot open '${wanted}': dataset does not exist`, 'failed 1\n');
  }
  const files = (all: readonly Pick<Directory, 'path' | 'entries' | 'sizes'>[]) =>
    new Map(
      all.flatMap((each) => each.entries.map((entry) => [`${dataset.mountPoint}${each.path}/${entry}`, each.sizes?.[entry]])),
    );
  const [then, now] = [files(snapshot.content), files(disk.content(dataset))];
  const made = [...now.keys()].filter((path) => !then.has(path)).map((path) => `+\tF\t${path}`);
  const gone = [...then.keys()].filter((path) => !now.has(path)).map((path) => `-\tF\t${path}`);
  const changed = [...now].filter(([path, size]) => then.has(path) && then.get(path) !== size).map(([path]) => `M\tF\t${path}`);
  return ok(lines([...gone, ...changed, ...made].slice(0, 201)));
}
