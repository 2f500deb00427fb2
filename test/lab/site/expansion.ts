import { bytesOf, quantityOf } from '../../../src/core/quantity.ts';
import { at, type KubeObject, type ObjectStore } from '../kubernetes/store.ts';
import { slotValue, volumeNamed } from './block.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { LabNode } from './node.ts';
import { kind, PROXMOX_DRIVER, text } from './volumes.ts';

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');

/** What the resizer of the block driver can do to the site. */
export interface Expandable {
  readonly store: ObjectStore;
  readonly hypervisor: Hypervisor;
  readonly nodes: ReadonlyMap<string, LabNode>;
}

/** The resizer and the kubelets: a claim that asks for more than it has gets a larger disk, then a larger file system where it is mounted. */
export function expanderOf(parts: Expandable): () => void {
  let isDue = true;
  parts.store.onChange(({ object }) => (isDue ||= object.kind === 'PersistentVolumeClaim'));
  return () => {
    if (!isDue) return;
    isDue = false;
    for (const claim of parts.store.list({ resource: CLAIMS })) if (wantsMore(claim)) expand(parts, claim);
  };
}

function wantsMore(claim: KubeObject): boolean {
  const [wanted, has] = [text(claim, 'spec', 'resources', 'requests', 'storage'), text(claim, 'status', 'capacity', 'storage')];
  return text(claim, 'status', 'phase') === 'Bound' && wanted !== '' && has !== '' && bytesOf(wanted) > bytesOf(has);
}

function expand({ store, hypervisor, nodes }: Expandable, claim: KubeObject): void {
  const volumeName = text(claim, 'spec', 'volumeName');
  const volume = store.list({ resource: VOLUMES }).find(({ metadata }) => metadata.name === volumeName);
  if (text(volume, 'spec', 'csi', 'driver') !== PROXMOX_DRIVER || hypervisor.driverToken !== 'accepted') return;
  const handle = text(volume, 'spec', 'csi', 'volumeHandle');
  const logical = volumeNamed(hypervisor, handle.slice(handle.lastIndexOf('/') + 1));
  if (logical === undefined) return;
  const wanted = bytesOf(text(claim, 'spec', 'resources', 'requests', 'storage'));
  const storage = quantityOf(wanted);
  if (logical.sizeBytes < wanted) {
    logical.usedPercent = (logical.usedPercent * logical.sizeBytes) / wanted;
    logical.sizeBytes = wanted;
    resizeSlots(hypervisor, logical);
    store.patch({ resource: VOLUMES, name: volumeName }, { spec: { capacity: { storage } } });
  }
  const { namespace = '', name } = claim.metadata;
  const mounted = [...nodes.values()].some((node) => node.isUp && node.mounts.some((mount) => mount.volume === volumeName));
  if (mounted && logical.fileSystem !== undefined) {
    growFileSystem(logical.fileSystem, wanted);
    store.patch({ resource: CLAIMS, namespace, name }, { status: { capacity: { storage }, conditions: [] } });
  } else if (at(claim, 'status', 'conditions', '0') === undefined) {
    const message = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';
    const conditions = [{ type: 'FileSystemResizePending', status: 'True', message }];
    store.patch({ resource: CLAIMS, namespace, name }, { status: { conditions } });
  }
}

/** resize2fs makes more inodes too, in the same proportion. */
function growFileSystem(fileSystem: { sizeBytes: number; inodesUsedPercent: number }, sizeBytes: number): void {
  fileSystem.inodesUsedPercent = (fileSystem.inodesUsedPercent * fileSystem.sizeBytes) / sizeBytes;
  fileSystem.sizeBytes = sizeBytes;
}

/** The API of Proxmox writes the new size into the configuration of the machine that has the disk. */
function resizeSlots({ vms }: Hypervisor, logical: Parameters<typeof slotValue>[0]): void {
  for (const vm of vms.values()) {
    for (const [slot, value] of vm.config) {
      if (value.startsWith(`local-lvm:${logical.name},`)) {
        const size = /(?:^|,)size=[^,]+/.exec(slotValue(logical, 1))?.[0] ?? '';
        vm.config.set(slot, value.replace(/,size=[^,]+/, size));
      }
    }
  }
}
