import { type Entry, entriesAt, type Tree, treeAt } from '../../src/commands/trees.ts';
import type { Snapshot } from '../../src/commands/zfs-snapshots.ts';
import { type PoolStatus, poolStatuses } from '../../src/commands/zfs-status.ts';
import { hasPath } from '../../src/commands/zfs-stored.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { chosenSnapshot } from '../../src/topology/zfs-choice.ts';
import type { PlaceLook, ZfsLook } from '../../src/topology/zfs-look.ts';
import { lookAtPlace, lookAtZfs, placeOf } from '../../src/topology/zfs-look.ts';

export interface Params {
  readonly target: string;
  /** A name, or `latest`; absent: which one is asked. */
  readonly snapshot?: string | undefined;
  /** Below the target. */
  readonly below?: string | undefined;
}

/** Where it lies in the snapshot, where it lay, and where the copy goes. */
export interface Paths {
  readonly kept: string;
  readonly now: string;
  readonly copy: string;
  /** Each part of the way to it in the snapshot, the snapshot's own directory first, itself last. */
  readonly waysKept: readonly [string, ...string[]];
  /** The same from the dataset's directory to the one that will hold the copy. */
  readonly waysNow: readonly [string, ...string[]];
}

export interface Facts {
  readonly site: Site;
  readonly asked: Params;
  readonly zfs: ZfsLook;
  readonly look: PlaceLook;
  readonly snapshot?: Snapshot;
  readonly paths?: Paths;
  readonly entries?: Seen<readonly Entry[]>;
  /** What the snapshot has, what is there now, and what a copy of that name holds. */
  readonly kept?: Seen<Tree>;
  readonly now?: Seen<Tree>;
  readonly copy?: Seen<Tree>;
  readonly statuses?: Seen<readonly PoolStatus[]>;
}

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const { host } = site.nas;
  const zfs = await lookAtZfs(host, read);
  const look = await lookAtPlace(holderOf(asked, zfs), zfs, { host, read });
  const facts = { site, asked, zfs, look };
  const { place } = look;
  const snapshot = chosenSnapshot(look, asked.snapshot);
  const wanted = wantedPath(asked, zfs);
  if (
    place === undefined ||
    !hasPath(place.dataset) ||
    snapshot === undefined ||
    wanted === undefined ||
    zfs.flavour === undefined
  )
    return facts;
  const paths = pathsOf(place.dataset.mountPoint, wanted, snapshot.short);
  const [entries, statuses] = await Promise.all([
    read(entriesAt(host, [...paths.waysKept, ...paths.waysNow, paths.now, paths.copy])),
    read(poolStatuses(host, zfs.flavour)),
  ]);
  const at = (path: string) => (isThere(entries, path) ? read(treeAt(host, path)) : undefined);
  const isSafe =
    entries.known && entries.value.every(({ path, is }) => is !== 'link' || path === paths.copy || path === paths.now);
  const [kept, now, copy] = isSafe ? await Promise.all([at(paths.kept), at(paths.now), at(paths.copy)]) : [];
  return { ...facts, snapshot, paths, entries, statuses, ...(kept && { kept }), ...(now && { now }), ...(copy && { copy }) };
}

function isThere(entries: Seen<readonly Entry[]>, path: string): boolean {
  return entries.known && entries.value.some((each) => each.path === path && each.is !== 'absent');
}

/** The whole path that is wanted, where the target is known. */
function wantedPath({ target, below }: Params, { stored }: ZfsLook): string | undefined {
  const path = stored?.known ? placeOf(stored.value, target)?.path : undefined;
  return path === undefined || below === undefined ? undefined : `${path}/${below}`;
}

/** A dataset below the target may hold what is wanted: then its snapshots have it, and the target's do not. */
function holderOf(asked: Params, zfs: ZfsLook): string {
  const wanted = wantedPath(asked, zfs);
  if (wanted === undefined || zfs.stored?.known !== true) return asked.target;
  const holder = placeOf(zfs.stored.value, wanted.slice(0, wanted.lastIndexOf('/')))?.dataset.name;
  const own = placeOf(zfs.stored.value, asked.target)?.dataset.name;
  return holder === undefined || holder === own ? asked.target : holder;
}

function pathsOf(mountPoint: string, now: string, short: string): Paths {
  const root = `${mountPoint}/.zfs/snapshot/${short}`;
  const parts = now.slice(mountPoint.length + 1).split('/');
  const ways = (above: string) => parts.map((_part, index) => [above, ...parts.slice(0, index + 1)].join('/'));
  const above = ways(mountPoint).slice(0, -1);
  return {
    kept: ways(root).at(-1) ?? root,
    now,
    copy: `${now}.restored-${short}`,
    waysKept: [root, ...ways(root)],
    waysNow: isSome(above) ? [mountPoint, ...above] : [mountPoint],
  };
}
