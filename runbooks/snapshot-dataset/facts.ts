import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import { resolveService } from '../../src/topology/service.ts';
import { isNfs } from '../../src/topology/volumes.ts';
import type { PlaceLook, ZfsLook } from '../../src/topology/zfs-look.ts';
import { lookAtPlace, lookAtZfs, placeOf } from '../../src/topology/zfs-look.ts';

export interface Facts {
  readonly site: Site;
  readonly zfs: ZfsLook;
  /** What is meant: the one that was named, or those of a service, a dataset each. */
  readonly places: readonly PlaceLook[];
  /** Only where a service was named. */
  readonly service?: { readonly name: string; readonly lists: ClusterLook['lists'] };
}

export interface Params {
  readonly target: string;
}

export async function gather({ target }: Params, read: Reader, site: Site): Promise<Facts> {
  const { host } = site.nas;
  const zfs = await lookAtZfs(host, read);
  const isDataset = zfs.stored?.known && zfs.stored.value.some(({ name }) => name === target);
  if (isDataset || target.includes('/')) return { site, zfs, places: [await lookAtPlace(target, zfs, { host, read })] };
  // Which of the two a bare name is, the list of datasets says: without it, nothing is known of it.
  if (zfs.stored?.known !== true) return { site, zfs, places: [] };
  if (zfs.stored.value.length === 0) return { site, zfs, places: [{ name: target }] };
  const { cluster, lists } = await lookAtCluster(read);
  const paths = cluster === undefined ? [] : pathsOf(resolveService(cluster, target), site);
  if (cluster !== undefined && paths.length === 0)
    throw new Refusal('not-found', `No volume of ${target} is on ${host.name}: there is no dataset of it there to keep.`);
  const places = await Promise.all(oneEach(zfs, paths).map((path) => lookAtPlace(path, zfs, { host, read })));
  return { site, zfs, places, service: { name: target, lists } };
}

/** Paths on this NAS that the service's volumes name. */
function pathsOf({ volumes }: ReturnType<typeof resolveService>, { nas }: Site): string[] {
  const ours = volumes.filter(isNfs).filter(({ backing }) => nas.nfsAddresses.includes(backing.server));
  return [...new Set(ours.map(({ backing }) => backing.path))].toSorted();
}

/** Of paths in one dataset the first: one snapshot keeps them all. */
function oneEach({ stored }: ZfsLook, paths: readonly string[]): readonly string[] {
  const holder = (path: string) => (stored?.known ? placeOf(stored.value, path)?.dataset.name : undefined) ?? path;
  return paths.filter((path, index) => paths.findIndex((other) => holder(other) === holder(path)) === index);
}
