import { type Answer, type Call, fail, lines, ok } from '../shell.ts';
import type { Snapshot } from '../snapshots.ts';
import { clonesOf, dropSnapshot, fullName, keepSnapshot, snapshotNamed, snapshotsOf } from '../snapshots.ts';

export const SNAPSHOT_LIST = '-H -p -d 1 -t snapshot -o name,guid,creation,used,refer,userrefs,clones -s createtxg';
export const BOOKMARK_LIST = '-H -p -d 1 -t bookmark -o name,creation';

function missing(name: string): Answer {
  return fail(1, `cannot open '${name}': dataset does not exist`);
}

/** `zfs list -H -p -d 1 -t snapshot … DATASET` */
export function listSnapshots({ world: { nas } }: Call, name: string): Answer {
  const { disk } = nas;
  if (!disk.datasets.some((each) => each.name === name)) return missing(name);
  const row = (snapshot: Snapshot) => {
    const clones = clonesOf(disk, snapshot).map((clone) => clone.name);
    const { guid, createdMs, usedBytes, holds, content } = snapshot;
    const created = Math.floor(createdMs / 1_000);
    return [fullName(snapshot), guid, created, usedBytes, bytesOf(content), holds.size, clones.join(',') || '-'].join('\t');
  };
  return ok(lines(snapshotsOf(disk, name).map(row)));
}

export function listBookmarks({ world: { nas } }: Call, name: string): Answer {
  const { disk } = nas;
  if (!disk.datasets.some((each) => each.name === name)) return missing(name);
  const own = disk.bookmarks.filter((each) => each.name.startsWith(`${name}#`));
  return ok(lines(own.map((each) => `${each.name}\t${Math.floor(each.createdMs / 1_000)}`)));
}

/** What a file takes whose size nobody said. */
export const USUAL_BYTES = 1_048_576;

export function sizeOf(directory: Pick<Snapshot['content'][number], 'sizes'>, entry: string): number {
  return directory.sizes?.[entry] ?? USUAL_BYTES;
}

export function bytesOf(content: Snapshot['content']): number {
  return content
    .flatMap((each) => each.entries.map((entry) => sizeOf(each, entry)))
    .reduce((sum, bytes) => sum + bytes, 98_304 + content.length * 512);
}

/** `zfs snapshot DATASET@NAME` */
export function snapshot({ world: { nas, time } }: Call, [name = '', ...more]: readonly string[]): Answer {
  const [dataset = '', short, ...rest] = name.split('@');
  if (more.length > 0 || short === undefined || rest.length > 0)
    return fail(2, 'missing snapshot argument\nusage:\n\tsnapshot [-r] [-o property=value] ... <filesystem|volume>@<snap> ...');
  const found = nas.disk.datasets.find((each) => each.name === dataset);
  if (found === undefined) return missing(dataset);
  if (snapshotNamed(nas.disk, name) !== undefined)
    return fail(1, `cannot create snapshot '${name}': dataset already exists\nno snapshots were created`);
  keepSnapshot(nas.disk, found, { short, createdMs: time.nowMs });
  return ok();
}

/** `zfs destroy DATASET@NAME`, without an option. */
export function destroySnapshot({ world: { nas } }: Call, name: string): Answer {
  const found = snapshotNamed(nas.disk, name);
  if (found === undefined) return fail(1, 'could not find any snapshots to destroy; check snapshot names.');
  const clones = clonesOf(nas.disk, found).map((clone) => clone.name);
  if (clones.length > 0)
    return fail(
      1,
      `cannot destroy '${name}': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\n${clones.join('\n')}`,
    );
  if (found.holds.size > 0)
    return fail(1, `cannot destroy snapshot ${name}: it's being held. Run 'zfs holds -r ${name}' to see holders.`);
  dropSnapshot(nas.disk, found);
  return ok();
}

/** `zfs destroy NAME`: a snapshot, or a dataset that has neither snapshots nor children. */
export function destroy(call: Call, [name = '', ...more]: readonly string[]): Answer {
  if (name.startsWith('-') || more.length > 0)
    return fail(2, `invalid option '${name.slice(1, 2)}'\nusage:\n\tdestroy [-fnpRrv] <filesystem|volume>`);
  if (name.includes('@')) return destroySnapshot(call, name);
  const { disk } = call.world.nas;
  const dataset = disk.datasets.find((each) => each.name === name);
  if (dataset === undefined) return missing(name);
  const own = snapshotsOf(disk, name).map(fullName);
  const children = disk.datasets.map((each) => each.name).filter((each) => each.startsWith(`${name}/`));
  const all = [...children, ...own];
  if (all.length > 0)
    return fail(
      1,
      `cannot destroy '${name}': filesystem has children\nuse '-r' to destroy the following datasets:\n${all.join('\n')}`,
    );
  disk.fill(dataset, []);
  disk.datasets.splice(disk.datasets.indexOf(dataset), 1);
  return ok();
}
