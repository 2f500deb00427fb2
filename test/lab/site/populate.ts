import type { NewObject } from '../kubernetes/store.ts';
import { NAS_ADDRESS } from './addresses.ts';
import { limitRange } from './containers.ts';
import { exportPaths } from './exports.ts';
import { uidOf } from './ids.ts';
import {
  BLOCK_VOLUMES,
  type BlockVolume,
  CRON_JOBS,
  type Cron,
  FRIGATE_PATH,
  NFS_VOLUMES,
  type NfsVolume,
  WORKLOADS,
} from './inventory.ts';
import { adopt } from './kubelet.ts';
import { kernelSays, type LabNode } from './node.ts';
import { blockClasses, blockObjects, registration, thinVolume, topologyLabels } from './populate-block.ts';
import { timestamp } from './time.ts';
import { NFS_DRIVER, PROXMOX_DRIVER } from './volumes.ts';
import { podSpec, type Workload, workloadObjects } from './workload.ts';
import type { World } from './world.ts';

const CREATED = '2026-03-22T08:00:00Z';
/** Where the drivers run. */
const DRIVER_SPACES = ['nfs-csi', 'proxmox-csi', 'iscsi-csi'];
const MOUNT_OPTIONS = ['soft', 'timeo=30', 'retrans=3', 'actimeo=5'];

/** Fills an empty world with the healthy site. */
export function populate(world: World): void {
  const create = (object: NewObject) =>
    world.store.create({ ...object, metadata: { creationTimestamp: CREATED, ...object.metadata } });
  fillNas(world);
  const namespaces = new Set([...NFS_VOLUMES, ...BLOCK_VOLUMES, ...WORKLOADS].map(({ namespace }) => namespace));
  for (const name of namespaces) create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } });
  for (const node of world.nodes.values()) {
    create(nodeObject(node));
    create(csiNode(node));
    kernelSays(node, world.time.nowMs, 'NFS: Registering the id_resolver key type');
  }
  for (const volume of NFS_VOLUMES) [nfsVolume(volume), claim(volume.namespace, volume.name, volume.name)].forEach(create);
  for (const volume of BLOCK_VOLUMES) addBlockVolume(world, volume);
  for (const object of [...storageClasses(), ...DRIVER_SPACES.map(limitRange)]) world.store.establish(object);
  for (const cron of CRON_JOBS) create(cronJob(cron));
  for (const workload of WORKLOADS) addWorkload(world, { ...workload });
}

/** Adds a workload, whose pods run at once. */
export function addWorkload(world: World, workload: Workload): void {
  for (const object of workloadObjects(workload))
    world.store.create({ ...object, metadata: { creationTimestamp: CREATED, ...object.metadata } });
  adopt(world.cluster, workload);
}

/** Adds a block volume with its claim and, where the hypervisor has it, its logical volume. */
export function addBlockVolume({ store, hypervisor, time }: World, volume: BlockVolume): void {
  for (const object of blockObjects(volume))
    store.create({ ...object, metadata: { creationTimestamp: CREATED, ...object.metadata } });
  if (volume.driver === PROXMOX_DRIVER) hypervisor.volumes.push(thinVolume(volume, time.nowMs));
}

/** Adds a volume on NFS with its claim, its directory and its export. */
export function addVolume(world: World, added: NfsVolume): void {
  const { namespace, name, path } = added;
  for (const object of [nfsVolume(added), claim(namespace, name, name)])
    world.store.create({ ...object, metadata: { creationTimestamp: CREATED, ...object.metadata } });
  world.nas.disk.make(path, { mode: 0o777, entries: ['data'] });
  exportPaths(world.nas, [...world.nas.active.map((entry) => entry.path), path].toSorted());
}

function fillNas({ nas }: World): void {
  if (nas.flavour !== 'debian') {
    for (const pool of ['main', 'ssd']) nas.disk.addDataset(pool, `/mnt/${pool}`);
  }
  const own = NFS_VOLUMES.filter(({ server = NAS_ADDRESS }) => server === NAS_ADDRESS);
  const directories = [...own, { path: FRIGATE_PATH, owner: undefined }];
  for (const { path, owner } of directories) {
    nas.disk.make(
      path,
      owner === undefined ? { mode: 0o777, entries: ['data'] } : { uid: owner, gid: owner, mode: 0o700, entries: ['data'] },
    );
  }
  if (nas.flavour !== 'core') nas.disk.make('/etc/exports.d');
  exportPaths(nas, directories.map(({ path }) => path).toSorted());
}

function nodeObject({ name, address, bootId }: LabNode): NewObject {
  const condition = (type: string, status: string) => ({ type, status, lastHeartbeatTime: CREATED, lastTransitionTime: CREATED });
  const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => condition(type, 'False'));
  const isMaster = name === 'k8s-master';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: uidOf(`node/${name}`),
      labels: {
        'kubernetes.io/hostname': name,
        ...topologyLabels(name),
        ...(isMaster ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
      },
    },
    spec: isMaster ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {},
    status: {
      conditions: [...pressures, condition('Ready', 'True')],
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: { bootID: bootId, kubeletVersion: 'v1.34.2', kernelVersion: '6.8.0-90-generic', osImage: 'Ubuntu 24.04.3 LTS' },
    },
  };
}

function csiNode({ name }: LabNode): NewObject {
  const drivers = [PROXMOX_DRIVER, NFS_DRIVER, 'org.democratic-csi.iscsi'];
  const spec = { drivers: drivers.map((driver) => registration(driver, name)) };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name, uid: uidOf(`csinode/${name}`) }, spec };
}

function nfsVolume({ namespace, name, path, server = NAS_ADDRESS, old }: NfsVolume): NewObject {
  const csi = { driver: NFS_DRIVER, volumeHandle: name, volumeAttributes: { server, share: path } };
  const source = old === true ? { nfs: { server, path } } : { csi };
  return volume(name, {
    namespace,
    claim: name,
    storageClassName: 'nfs-truenas',
    accessModes: ['ReadWriteMany'],
    mountOptions: MOUNT_OPTIONS,
    ...source,
  });
}

function storageClasses() {
  const about = (name: string) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, uid: uidOf(`class/${name}`), creationTimestamp: CREATED },
    reclaimPolicy: 'Retain',
  });
  const nfs = {
    provisioner: NFS_DRIVER,
    volumeBindingMode: 'Immediate',
    parameters: { server: NAS_ADDRESS, share: '/mnt/main' },
  };
  return [{ ...about('nfs-truenas'), ...nfs, mountOptions: MOUNT_OPTIONS }, ...blockClasses(about)];
}

interface VolumeSpec {
  readonly namespace: string;
  readonly claim: string;
  readonly [field: string]: unknown;
}

function volume(name: string, { namespace, claim: claimName, ...rest }: VolumeSpec): NewObject {
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace,
    name: claimName,
    uid: uidOf(`claim/${namespace}/${claimName}`),
  };
  const spec = {
    capacity: { storage: '10Gi' },
    persistentVolumeReclaimPolicy: 'Retain',
    volumeMode: 'Filesystem',
    claimRef,
    ...rest,
  };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: uidOf(`volume/${name}`) },
    spec,
    status: { phase: 'Bound' },
  };
}

function claim(namespace: string, name: string, volumeName: string): NewObject {
  const spec = {
    accessModes: ['ReadWriteMany'],
    resources: { requests: { storage: '10Gi' } },
    volumeName,
    volumeMode: 'Filesystem',
  };
  const metadata = { name, namespace, uid: uidOf(`claim/${namespace}/${name}`) };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec, status: { phase: 'Bound' } };
}

function cronJob({ namespace, name, schedule, claims }: Cron): NewObject {
  const template = { spec: { ...podSpec({ namespace, name, claims }), restartPolicy: 'OnFailure' } };
  const spec = { schedule, jobTemplate: { spec: { template } } };
  const status = { lastScheduleTime: timestamp(Date.UTC(2026, 3, 3)), lastSuccessfulTime: timestamp(Date.UTC(2026, 3, 3, 0, 4)) };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace, uid: uidOf(`cron/${namespace}/${name}`) },
    spec,
    status,
  };
}
