import type { NewObject } from '../kubernetes/store.ts';
import { NAS_ADDRESS } from './addresses.ts';
import { GIB, type LabFileSystem, type LabVolume, newVolume } from './block.ts';
import { uidOf } from './ids.ts';
import type { BlockVolume } from './inventory.ts';
import { PROXMOX_DRIVER } from './volumes.ts';

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';

/** Slots that the scheduler counts with: the driver itself takes one more. */
export const MAX_ATTACHMENTS = 28;

export function topologyLabels(node: string): Record<string, string> {
  return {
    [REGION]: 'pve',
    [ZONE]: 'pve',
    'node.csi.proxmox.sinextra.dev/name': node,
    'csi.proxmox.sinextra.dev/max-volume-attachments': `${MAX_ATTACHMENTS}`,
  };
}

/** What a driver's registration on a node says. */
export function registration(driver: string, node: string): Record<string, unknown> {
  if (driver !== PROXMOX_DRIVER) return { name: driver, nodeID: node, topologyKeys: [] };
  return { name: driver, nodeID: node, topologyKeys: [REGION, ZONE], allocatable: { count: MAX_ATTACHMENTS } };
}

export function blockName({ namespace, claim: name }: Pick<BlockVolume, 'namespace' | 'claim'>): string {
  return `pvc-${uidOf(`claim/${namespace}/${name}`)}`;
}

/** The name of the logical volume under a claim of the Proxmox driver. */
export function logicalName(block: Pick<BlockVolume, 'namespace' | 'claim'>): string {
  return `vm-9999-${blockName(block)}`;
}

/** The claim and its persistent volume. */
export function blockObjects(block: BlockVolume): readonly NewObject[] {
  const isProxmox = block.driver === PROXMOX_DRIVER;
  const storageClassName = isProxmox ? 'proxmox-lvm' : 'iscsi-truenas';
  const name = blockName(block);
  const storage = `${block.sizeGib}Gi`;
  const { namespace, claim } = block;
  const uid = uidOf(`claim/${namespace}/${claim}`);
  const common = { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', storageClassName };
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name,
        uid: uidOf(`volume/${name}`),
        annotations: { 'pv.kubernetes.io/provisioned-by': block.driver },
      },
      spec: {
        ...common,
        capacity: { storage },
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim, uid },
        csi: isProxmox ? proxmoxSource(name) : iscsiSource(name),
        ...(isProxmox ? { nodeAffinity: affinity() } : {}),
      },
      status: { phase: 'Bound' },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace, uid },
      spec: { ...common, resources: { requests: { storage } }, volumeName: name },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage } },
    },
  ];
}

function proxmoxSource(name: string) {
  return {
    driver: PROXMOX_DRIVER,
    volumeHandle: `pve/pve/local-lvm/vm-9999-${name}`,
    fsType: 'ext4',
    volumeAttributes: {
      backup: '0',
      cache: 'none',
      iothread: '1',
      replicate: '0',
      ssd: 'false',
      storage: 'local-lvm',
      'storage.kubernetes.io/csiProvisionerIdentity': '1775124011021-4187-csi.proxmox.sinextra.dev',
    },
  };
}

function iscsiSource(name: string) {
  return {
    driver: 'org.democratic-csi.iscsi',
    volumeHandle: name,
    fsType: 'ext4',
    volumeAttributes: {
      interface: '',
      iqn: `iqn.2005-10.org.freenas.ctl:csi-${name}`,
      lun: '0',
      node_attach_driver: 'iscsi',
      portal: `${NAS_ADDRESS}:3260`,
      portals: '',
      provisioner_driver: 'freenas-iscsi',
      'storage.kubernetes.io/csiProvisionerIdentity': '1772796114902-8116-org.democratic-csi.iscsi',
    },
  };
}

function affinity() {
  const matchExpressions = [REGION, ZONE].map((key) => ({ key, operator: 'In', values: ['pve'] }));
  return { required: { nodeSelectorTerms: [{ matchExpressions }] } };
}

type About = Readonly<Record<'apiVersion' | 'kind', string>> & {
  readonly metadata: { readonly name: string; readonly uid: string };
};

export function blockClasses(about: (name: string) => About) {
  const block = { volumeBindingMode: 'WaitForFirstConsumer', allowVolumeExpansion: true };
  const proxmox = {
    'csi.storage.k8s.io/fstype': 'ext4',
    cache: 'none',
    ssd: 'false',
    storage: 'local-lvm',
  };
  return [
    { ...about('proxmox-lvm'), ...block, provisioner: PROXMOX_DRIVER, parameters: proxmox },
    {
      ...about('iscsi-truenas'),
      ...block,
      volumeBindingMode: 'Immediate',
      provisioner: 'org.democratic-csi.iscsi',
      parameters: { fsType: 'ext4' },
    },
  ];
}

/** The thin volume of a claim, with the file system in it. */
export function thinVolume(block: BlockVolume, createdMs: number): LabVolume {
  const name = logicalName(block);
  const sizeBytes = block.sizeGib * GIB;
  return newVolume({ name, sizeBytes, usedPercent: block.usedPercent, createdMs, fileSystem: fileSystemOf(block, sizeBytes) });
}

function fileSystemOf({ namespace, claim, usedPercent, files }: BlockVolume, sizeBytes: number): LabFileSystem {
  const inodes = sizeBytes / 16_384;
  return {
    type: 'ext4',
    uuid: uidOf(`ext4/${namespace}/${claim}`),
    sizeBytes,
    usedBytes: Math.round((sizeBytes * usedPercent) / 100),
    files,
    inodesUsedPercent: Math.max(1, Math.round((files / inodes) * 100)),
    readOnly: false,
    destroyed: false,
    madeFor: `${namespace}/${claim}`,
    content: new Map([[`data-of-${claim}`, `what ${claim} holds`]]),
  };
}
