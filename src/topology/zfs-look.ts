import { type Flavour, hasMiddleware, kernelOf } from '../commands/nas.ts';
import { clockOf } from '../commands/node-system.ts';
import { type Entry, entriesAt } from '../commands/trees.ts';
import { datasetOf, type Pool, pools } from '../commands/zfs.ts';
import { type Snapshot, snapshotsOf } from '../commands/zfs-snapshots.ts';
import { hasPath, type StoredDataset, storedDatasets } from '../commands/zfs-stored.ts';
import type { Host } from '../core/command.ts';
import type { Reader, Seen } from '../core/reading.ts';
import { flavourOf } from './nas-look.ts';

/** What ZFS of the NAS has. Without a flavour nothing of it is known. */
export interface ZfsLook {
  readonly kernel: Seen<'FreeBSD' | 'Linux'>;
  readonly middleware: Seen<boolean>;
  readonly clock: Seen<number>;
  readonly flavour?: Flavour;
  readonly stored?: Seen<readonly StoredDataset[]>;
  readonly pools?: Seen<readonly Pool[]>;
}

export async function lookAtZfs(host: Host, read: Reader): Promise<ZfsLook> {
  const [kernel, middleware, clock] = await Promise.all([read(kernelOf(host)), read(hasMiddleware(host)), read(clockOf(host))]);
  const flavour = flavourOf(kernel, middleware);
  if (flavour === undefined) return { kernel, middleware, clock };
  const [stored, all] = await Promise.all([read(storedDatasets(host, flavour)), read(pools(host, flavour))]);
  return { kernel, middleware, clock, flavour, stored, pools: all };
}

/** What an operator's name means: a whole dataset, or a plain directory in one. */
export interface Place {
  readonly dataset: StoredDataset;
  /** Where it is; absent for a volume, for what is mounted nowhere, and where ZFS does not tell the path (`legacy`). */
  readonly path?: string;
  readonly isWhole: boolean;
}

/** `main/immich` or `/mnt/main/immich`; undefined where no dataset could hold it. */
export function placeOf(stored: readonly StoredDataset[], name: string): Place | undefined {
  const own = stored.find((each) => each.name === name);
  if (own !== undefined) return { dataset: own, isWhole: true, ...(hasPath(own) && { path: own.mountPoint }) };
  const path = name.startsWith('/') ? name : pathBelow(stored, name);
  const holder = path === undefined ? undefined : datasetOf(fileSystems(stored), path)?.name;
  const dataset = stored.find((each) => each.name === holder);
  if (path === undefined || dataset === undefined) return undefined;
  return { dataset, path, isWhole: dataset.mountPoint === path };
}

function fileSystems(stored: readonly StoredDataset[]): readonly StoredDataset[] {
  return stored.filter(({ kind }) => kind === 'filesystem');
}

/** `main/immich` where there is no such dataset: a directory below the nearest one that there is. */
function pathBelow(stored: readonly StoredDataset[], name: string): string | undefined {
  const cut = name.lastIndexOf('/');
  if (cut < 0) return undefined;
  const above =
    stored.find((each) => each.name === name.slice(0, cut) && hasPath(each))?.mountPoint ?? pathBelow(stored, name.slice(0, cut));
  return above === undefined ? undefined : `${above}${name.slice(cut)}`;
}

/** A place, what lies there where that is not said by the list of datasets, and the snapshots of its dataset. */
export interface PlaceLook {
  readonly name: string;
  readonly place?: Place;
  readonly entry?: Seen<Entry>;
  readonly snapshots?: Seen<readonly Snapshot[]>;
}

export async function lookAtPlace(
  name: string,
  { stored }: ZfsLook,
  { host, read }: { host: Host; read: Reader },
): Promise<PlaceLook> {
  const place = stored?.known ? placeOf(stored.value, name) : undefined;
  if (place === undefined) return { name };
  const { dataset, path, isWhole } = place;
  const [entries, snapshots] = await Promise.all([
    isWhole || path === undefined ? undefined : read(entriesAt(host, [path])),
    read(snapshotsOf(host, dataset.name)),
  ]);
  const entry = entries?.known ? firstOf(entries) : entries;
  return { name, place, snapshots, ...(entry && { entry }) };
}

function firstOf(entries: Extract<Seen<readonly Entry[]>, { known: true }>): Seen<Entry> {
  const [value] = entries.value;
  if (value === undefined) throw new Error('one path was asked for');
  return { ...entries, value };
}

export function looksOf(zfs: ZfsLook, places: readonly PlaceLook[]): readonly Seen<unknown>[] {
  const own = places.flatMap(({ entry, snapshots }) => [entry, snapshots]);
  const all = [zfs.kernel, zfs.middleware, zfs.clock, zfs.stored, zfs.pools, ...own];
  return all.filter((each) => each !== undefined);
}
