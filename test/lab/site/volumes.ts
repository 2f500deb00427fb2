import { resourceOf } from '../kubernetes/resources.ts';
import { at, type KubeObject, type ObjectStore } from '../kubernetes/store.ts';

/** A volume of a pod, followed through its claim to what it is. */
export interface PodVolume {
  readonly volume: string;
  readonly mountPoint: string;
  readonly driver: string;
  readonly nfs?: { readonly server: string; readonly path: string; readonly options: readonly string[] };
  /** How its driver names it. */
  readonly handle?: string;
}

export const NFS_DRIVER = 'nfs.csi.k8s.io';
export const PROXMOX_DRIVER = 'csi.proxmox.sinextra.dev';

export function kind(apiVersion: string, plural: string) {
  const resource = resourceOf(apiVersion, plural);
  if (resource === undefined) throw new Error(`The lab's API server has no ${plural}`);
  return resource;
}

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');

export function volumesOf(store: ObjectStore, pod: KubeObject): PodVolume[] {
  const volumes = at(pod, 'spec', 'volumes');
  return (Array.isArray(volumes) ? volumes : []).flatMap((volume) => followed(store, pod, volume) ?? []);
}

/** Why a pod cannot have one of its claims, as the scheduler says it; undefined where it can have all. */
export function claimProblem(store: ObjectStore, pod: KubeObject): string | undefined {
  const { namespace = '' } = pod.metadata;
  const volumes = at(pod, 'spec', 'volumes');
  for (const volume of Array.isArray(volumes) ? volumes : []) {
    const name = text(volume, 'persistentVolumeClaim', 'claimName');
    const claim = name === '' ? undefined : store.find({ resource: CLAIMS, namespace, name });
    if (name !== '' && claim === undefined) return `persistentvolumeclaim "${name}" not found`;
    if (name !== '' && text(claim, 'spec', 'volumeName') === '') return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}

function followed(store: ObjectStore, pod: KubeObject, volume: unknown): PodVolume | undefined {
  const root = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumes`;
  const name = text(volume, 'name');
  const inline = at(volume, 'nfs');
  if (inline !== undefined) {
    return {
      volume: name,
      mountPoint: `${root}/kubernetes.io~nfs/${name}`,
      driver: '',
      nfs: { ...serverAndPath(inline, 'path'), options: [] },
    };
  }
  const claimName = at(volume, 'persistentVolumeClaim', 'claimName');
  if (typeof claimName !== 'string' || pod.metadata.namespace === undefined) return undefined;
  const claim = store.find({ resource: CLAIMS, namespace: pod.metadata.namespace, name: claimName });
  const pv = store.find({ resource: VOLUMES, name: text(claim, 'spec', 'volumeName') });
  return pv === undefined ? undefined : persistent(pv, root);
}

function persistent(pv: KubeObject, root: string): PodVolume {
  const volume = pv.metadata.name;
  const asked = at(pv, 'spec', 'mountOptions');
  const options = Array.isArray(asked) ? asked.map(String) : [];
  const old = at(pv, 'spec', 'nfs');
  if (old !== undefined) {
    return {
      volume,
      mountPoint: `${root}/kubernetes.io~nfs/${volume}`,
      driver: '',
      nfs: { ...serverAndPath(old, 'path'), options },
    };
  }
  const driver = text(pv, 'spec', 'csi', 'driver');
  const mountPoint = `${root}/kubernetes.io~csi/${volume}/mount`;
  if (driver !== NFS_DRIVER) return { volume, mountPoint, driver, handle: text(pv, 'spec', 'csi', 'volumeHandle') };
  return { volume, mountPoint, driver, nfs: { ...serverAndPath(at(pv, 'spec', 'csi', 'volumeAttributes'), 'share'), options } };
}

function serverAndPath(value: unknown, path: string) {
  return { server: text(value, 'server'), path: text(value, path) };
}

export function text(value: unknown, ...path: string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
