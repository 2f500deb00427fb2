import type { PersistentVolume, Pod, PodSpec } from '../commands/cluster-objects.ts';
import { withoutSlash } from '../core/path.ts';
import type { Site } from '../core/site.ts';
import type { Cluster, Workload } from './cluster.ts';

/** Where a volume's data is. `unbound`: the claim has no volume yet. */
export type Backing =
  | { readonly kind: 'nfs'; readonly server: string; readonly path: string; readonly driver?: string; readonly inline: boolean }
  | { readonly kind: 'csi'; readonly driver: string; readonly handle: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'unbound' };

/** One volume that a service uses, with everybody of that service who uses it. */
export interface ServiceVolume {
  /** The claim's name; for an inline volume the name it has in the pod. */
  readonly name: string;
  readonly namespace: string;
  readonly persistentVolume?: string;
  readonly backing: Backing;
  /** Mount options that the PersistentVolume carries; those of a StorageClass do not reach a static one. */
  readonly mountOptions: readonly string[];
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
}

export type NfsVolume = ServiceVolume & { readonly backing: Extract<Backing, { kind: 'nfs' }> };

export function isNfs(volume: ServiceVolume): volume is NfsVolume {
  return volume.backing.kind === 'nfs';
}

export function isOnNas(volume: ServiceVolume, { nas }: Site): volume is NfsVolume {
  return isNfs(volume) && nas.nfsAddresses.includes(volume.backing.server);
}

export function backingOf({ nfs, csi }: PersistentVolume): Backing {
  if (nfs !== undefined) return { kind: 'nfs', server: nfs.server, path: withoutSlash(nfs.path), inline: false };
  if (csi === undefined) return { kind: 'other' };
  const { server, share, subdir = '' } = attributesOf(csi.volumeAttributes);
  if (server !== undefined && share !== undefined && !subdir.includes('${')) {
    const path = withoutSlash(subdir === '' ? share : `${share.replace(/\/+$/, '')}/${subdir}`);
    return { kind: 'nfs', server, path, driver: csi.driver, inline: false };
  }
  return { kind: 'csi', driver: csi.driver, handle: csi.volumeHandle };
}

/** csi-driver-nfs takes its attributes in any case. */
function attributesOf(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value]));
}

/** All that a volume may reach on a server: the whole share where only the driver knows which directory of it. */
export function nfsReachOf(volume: PersistentVolume): { readonly server: string; readonly path: string } | undefined {
  const backing = backingOf(volume);
  return backing.kind === 'nfs' ? { server: backing.server, path: backing.path } : shareOf(volume.csi?.volumeAttributes);
}

/** The share that these attributes of a CSI volume name, which a pod may have without a claim too. */
export function shareOf(
  given: Readonly<Record<string, string>> = {},
): { readonly server: string; readonly path: string } | undefined {
  const { server, share } = attributesOf(given);
  return server === undefined || share === undefined ? undefined : { server, path: withoutSlash(share) };
}

/** The volumes that these pods and workloads mount, each once. */
export function volumesOf(cluster: Cluster, pods: readonly Pod[], workloads: readonly Workload[]): ServiceVolume[] {
  const volumes = new Map<string, ServiceVolume>();
  const add = (namespace: string, spec: PodSpec, user: { pod?: Pod; workload?: Workload }) => {
    for (const volume of spec.volumes.map((each) => describe(cluster, namespace, each)).filter((each) => each !== undefined)) {
      const place =
        volume.backing.kind === 'nfs' && volume.backing.inline ? `${volume.backing.server}:${volume.backing.path}` : '';
      const key = `${namespace}/${volume.name} ${place}`;
      const known = volumes.get(key) ?? volume;
      volumes.set(key, {
        ...known,
        pods: user.pod === undefined ? known.pods : [...known.pods, user.pod],
        workloads: user.workload === undefined ? known.workloads : [...known.workloads, user.workload],
      });
    }
  };
  for (const pod of pods) add(pod.namespace, pod.spec, { pod });
  for (const workload of workloads) add(workload.namespace, workload.spec, { workload });
  return [...volumes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(cluster: Cluster, namespace: string, volume: PodSpec['volumes'][number]): ServiceVolume | undefined {
  const unused = { namespace, pods: [], workloads: [], mountOptions: [] };
  if (volume.nfs !== undefined) {
    const { server, path } = volume.nfs;
    return { ...unused, name: volume.name, backing: { kind: 'nfs', server, path: withoutSlash(path), inline: true } };
  }
  const name = volume.persistentVolumeClaim?.claimName;
  return name === undefined ? undefined : claimed(cluster, namespace, name);
}

/** A claim and the volume it is bound to. */
export function claimed(cluster: Cluster, namespace: string, name: string): ServiceVolume {
  const claim = cluster.claims.find((each) => each.namespace === namespace && each.name === name);
  const volume = cluster.volumes.find((each) => each.name === claim?.volume);
  const about = { name, namespace, pods: [], workloads: [] };
  if (volume === undefined) return { ...about, backing: { kind: 'unbound' }, mountOptions: [] };
  return { ...about, persistentVolume: volume.name, backing: backingOf(volume), mountOptions: volume.mountOptions };
}
