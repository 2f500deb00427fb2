import type { PersistentVolume, PodSpec } from '../commands/cluster-objects.ts';
import { isAtOrBelow } from '../core/path.ts';
import type { Known } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import type { ClusterLook } from './cluster-look.ts';
import { backingOf } from './volumes.ts';

/** Something in the cluster that names a path of an NFS server: whoever takes its export away takes this away. */
export interface NasUser {
  readonly kind: 'volume' | 'pod' | 'workload';
  /** The volume's name, or `namespace/name`. */
  readonly name: string;
  /** `PersistentVolume immich-library (Released, of immich/immich-library)`, `pod …`, `Deployment …`. */
  readonly says: string;
  readonly server: string;
  readonly path: string;
  /** False of a volume that is not bound: nothing can mount it now. */
  readonly isLive: boolean;
  /** False: the server has another name than this NAS, and may be it all the same. */
  readonly isOurs: boolean;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

/** Every one of them on this NAS, whatever its phase; also those of servers that we do not know by name. */
export function usersOf(look: ClusterLook, site: Site): readonly NasUser[] {
  const users = [...volumesIn(look), ...podsIn(look), ...workloadsIn(look)];
  return users.map((user) => ({ ...user, path: plainPath(user.path), isOurs: site.nas.nfsAddresses.includes(user.server) }));
}

/** Those that stop working when the export of this path goes. A server of another name may be this one. */
export function usersBelow(users: readonly NasUser[], path: string): readonly NasUser[] {
  return users.filter((user) => isAtOrBelow(user.path, path));
}

/** A volume may name its path with slashes too many. */
export function plainPath(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}

type Found = Omit<NasUser, 'isOurs'>;

function volumesIn({ volumes }: ClusterLook): Found[] {
  if (!volumes.known) return [];
  return volumes.value.flatMap((volume) => {
    const place = nfsPlaceOf(volume);
    if (place === undefined) return [];
    const { claimRef, name, phase } = volume;
    const of = claimRef === undefined ? '' : `, of ${claimRef.namespace}/${claimRef.name}`;
    const says = `PersistentVolume ${name} (${phase}${of})`;
    const { server, path } = place;
    return [{ kind: 'volume', name, says, server, path, isLive: phase === 'Bound', seen: [volumes] }];
  });
}

/** Where a volume is on its server; its share, where only the driver knows what lies below it. */
export function nfsPlaceOf(volume: PersistentVolume): { readonly server: string; readonly path: string } | undefined {
  const backing = backingOf(volume);
  if (backing.kind === 'nfs') return backing;
  const attributes = Object.entries(volume.csi?.volumeAttributes ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const { server, share: path }: Record<string, string> = Object.fromEntries(attributes);
  return server === undefined || path === undefined ? undefined : { server, path };
}

/** Volumes that pods have without a claim. */
function podsIn({ pods }: ClusterLook): Found[] {
  if (!pods.known) return [];
  return pods.value
    .filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed')
    .flatMap(({ namespace, name, spec }) => {
      const who = `${namespace}/${name}`;
      const about = { kind: 'pod', name: who, says: `pod ${who}`, isLive: true, seen: [pods] } as const;
      return inlineOf(spec).map((nfs) => ({ ...about, ...nfs }));
    });
}

/** Workloads are known only where all lists are. */
function workloadsIn({ cluster, lists }: ClusterLook): Found[] {
  const [first, ...more] = lists.flatMap((list) => (list.known ? [list] : []));
  if (cluster === undefined || first === undefined) return [];
  return cluster.workloads.flatMap(({ kind, namespace, name, spec }) => {
    const who = `${namespace}/${name}`;
    const about = { kind: 'workload', name: who, says: `${kind} ${who}`, isLive: true, seen: [first, ...more] } as const;
    return inlineOf(spec).map((nfs) => ({ ...about, ...nfs }));
  });
}

function inlineOf(spec: PodSpec): readonly { readonly server: string; readonly path: string }[] {
  return spec.volumes.flatMap(({ nfs }) => (nfs === undefined ? [] : [{ server: nfs.server, path: nfs.path }]));
}
