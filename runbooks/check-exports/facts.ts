import type { ExportLine } from '../../src/commands/exports.ts';
import type { Directory } from '../../src/commands/nas.ts';
import { directories, isEmptyDirectory } from '../../src/commands/nas.ts';
import type { Dataset } from '../../src/commands/zfs.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import type { Known, Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import { requireInsideRoots } from '../../src/topology/inside-roots.ts';
import type { NasLook } from '../../src/topology/nas-look.ts';
import { lookAtNas } from '../../src/topology/nas-look.ts';
import type { NasUser } from '../../src/topology/nas-users.ts';
import { plainPath, usersOf } from '../../src/topology/nas-users.ts';

export interface Facts {
  readonly site: Site;
  /** Absent: everything is meant. */
  readonly within?: string;
  readonly nas: NasLook;
  readonly cluster: ClusterLook;
  /** Whoever in the cluster names a path of this NAS. */
  readonly users: readonly NasUser[];
  /** Every path that anybody names, and where datasets belong that are not mounted; absent where there is none. */
  readonly directories?: Seen<readonly Directory[]>;
  /** Whether nothing lies where a dataset belongs that is not mounted. */
  readonly empty: readonly { readonly dataset: Dataset; readonly isEmpty: Seen<boolean> }[];
}

export interface Params {
  readonly path?: string | undefined;
}

export async function gather({ path }: Params, read: Reader, site: Site): Promise<Facts> {
  const within = path === undefined ? undefined : plainPath(path);
  if (within !== undefined) requireInsideRoots(within, site);
  const { host } = site.nas;
  const [cluster, nas] = await Promise.all([lookAtCluster(read), lookAtNas(host, read)]);
  const users = usersOf(cluster, site).filter(({ isOurs }) => isOurs);
  const away = unmounted(nas);
  const [first, ...more] = [...new Set([...namedPaths(nas, users), ...away.map(({ mountPoint }) => mountPoint)])].toSorted();
  const found = first === undefined ? undefined : await read(directories(host, [first, ...more]));
  const there = found?.known ? away.filter(({ mountPoint }) => exists(found, mountPoint)) : [];
  const empty = await Promise.all(
    there.map(async (dataset) => ({ dataset, isEmpty: await read(isEmptyDirectory(host, dataset.mountPoint)) })),
  );
  return { site, nas, cluster, users, empty, ...(within !== undefined && { within }), ...(found && { directories: found }) };
}

function namedPaths({ active, file, dropIns, shares }: NasLook, users: readonly NasUser[]): readonly string[] {
  const entries = active?.known ? active.value : [];
  const lines = [file, dropIns].flatMap((list) => (list?.known ? list.value : []));
  const shared = shares?.known ? shares.value.flatMap(({ paths }) => paths) : [];
  return [...[...entries, ...lines, ...users].map(({ path }) => path), ...shared];
}

/** Datasets that should be mounted and are not; not a replica of one that is. */
export function unmounted({ datasets }: NasLook): readonly Dataset[] {
  if (!datasets?.known) return [];
  const mounted = datasets.value.filter((each) => each.mounted).map(({ mountPoint }) => mountPoint);
  return datasets.value.filter(
    (each) => !each.mounted && each.canMount === 'on' && each.mountPoint.startsWith('/') && !mounted.includes(each.mountPoint),
  );
}

export function exists(found: Known<readonly Directory[]>, path: string): boolean {
  return found.value.some((each) => each.path === path && each.found !== undefined);
}

/** Whether the question was about this path: about all, or about one at, above or below it. */
export function isMeant({ within }: Pick<Facts, 'within'>, path: string): boolean {
  return within === undefined || isAtOrBelow(path, within) || isAtOrBelow(within, path);
}

/** Every line of the files, once all of them were seen. */
export function linesOf({ file, dropIns }: NasLook): { lines: readonly ExportLine[]; files: Files } | undefined {
  if (!file?.known || dropIns?.known === false) return undefined;
  return { lines: [...file.value, ...(dropIns?.value ?? [])], files: dropIns === undefined ? [file] : [file, dropIns] };
}

type Files = readonly [Known<readonly ExportLine[]>, ...Known<readonly ExportLine[]>[]];
