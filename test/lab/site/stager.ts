import { createHash } from 'node:crypto';
import { at, type KubeObject } from '../kubernetes/store.ts';
import { type Attachment, attachmentsOf } from './attachments.ts';
import { blockDevices, type GuestDevice, type LabFileSystem, openIn, volumeNamed } from './block.ts';
import type { Cluster } from './cluster.ts';
import { uidOf } from './ids.ts';
import type { MountProblem } from './mounter.ts';
import { kernelSays, type LabNode, type StagedMount } from './node.ts';
import { kind, type PodVolume, PROXMOX_DRIVER, text } from './volumes.ts';

/** kubelet goes on waiting for the attach/detach controller, which writes the events. */
export const WAITS = 'waits';

const VOLUMES = kind('v1', 'persistentvolumes');

/** Where kubelet has the driver mount a volume for all its pods. */
export function stagingPath(handle: string): string {
  const hash = createHash('sha256').update(handle).digest('hex');
  return `/var/lib/kubelet/plugins/kubernetes.io/csi/${PROXMOX_DRIVER}/${hash}/globalmount`;
}

/** Stages the volume on the node, unless it is, and mounts it for the pod. */
export function mountBlock(
  cluster: Cluster,
  node: LabNode,
  { pod, volume }: { readonly pod: KubeObject; readonly volume: PodVolume },
): MountProblem | typeof WAITS | undefined {
  const attachment = attachmentsOf(cluster.parts.store).find((one) => one.volume === volume.volume && one.node === node.name);
  if (attachment === undefined || !attachment.attached || attachment.deleting) return WAITS;
  if (!cluster.driversOf(node.name).includes(PROXMOX_DRIVER)) return notRegistered(volume);
  const staged = node.staged.find((one) => one.volume === volume.volume) ?? stage(cluster, node, { volume, attachment });
  if (staged === undefined) return deviceMissing(volume, attachment);
  node.mounts.push({
    podUid: pod.metadata.uid,
    volume: volume.volume,
    mountPoint: volume.mountPoint,
    beganMs: cluster.nowMs,
    block: staged.block,
    device: staged.device,
    ...(staged.readOnly === true ? { readOnly: true } : {}),
  });
  return undefined;
}

/** Mounts the disk that the slot's name leads to, whichever that is; undefined where there is none. */
function stage(
  cluster: Cluster,
  node: LabNode,
  { volume, attachment }: { readonly volume: PodVolume; readonly attachment: Attachment },
): StagedMount | undefined {
  const { hypervisor } = cluster.parts;
  const found = blockDevices(hypervisor, node).find(
    ({ drive }) => drive.wwn !== undefined && attachment.devicePath === `/dev/disk/by-id/wwn-${drive.wwn}`,
  );
  if (found === undefined) return undefined;
  const fileSystem = fileSystemOn(cluster, found, volume);
  if (isMountedElsewhere(cluster, node, found.drive.volume)) fileSystem.destroyed = true;
  const staged: StagedMount = {
    volume: volume.volume,
    mountPoint: stagingPath(volume.handle ?? ''),
    device: `/dev/${found.name}`,
    block: { volume: found.drive.volume, gone: false },
    ...(fileSystem.readOnly ? { readOnly: true } : {}),
  };
  node.staged.push(staged);
  const how = fileSystem.readOnly ? 'ro' : 'r/w';
  kernelSays(
    node,
    cluster.nowMs,
    `EXT4-fs (${found.name}): mounted filesystem ${fileSystem.uuid} ${how} with ordered data mode.`,
  );
  return staged;
}

/** The driver formats a disk that holds nothing. */
function fileSystemOn({ parts: { store, hypervisor } }: Cluster, { drive }: GuestDevice, { volume }: PodVolume): LabFileSystem {
  const stored = volumeNamed(hypervisor, drive.volume, drive.vg);
  if (stored === undefined) throw new Error(`The lab has no volume ${drive.volume}`);
  const claim = at(store.get({ resource: VOLUMES, name: volume }), 'spec', 'claimRef');
  stored.fileSystem ??= {
    type: 'ext4',
    uuid: uidOf(`ext4/${stored.name}`),
    sizeBytes: stored.sizeBytes,
    usedBytes: 0,
    files: 1,
    inodesUsedPercent: 1,
    readOnly: false,
    destroyed: false,
    madeFor: `${text(claim, 'namespace')}/${text(claim, 'name')}`,
    content: new Map(),
  };
  return stored.fileSystem;
}

/** Two kernels that write to one ext4 destroy it. */
function isMountedElsewhere({ parts: { hypervisor, nodes } }: Cluster, node: LabNode, volume: string): boolean {
  const machines = openIn(hypervisor, { name: volume, vg: 'pve' }).map(({ vmid }) => vmid);
  return [...nodes.values()].some(
    (other) =>
      other !== node && machines.includes(other.vmid) && other.staged.some(({ block }) => block.volume === volume && !block.gone),
  );
}

/** Lets go of what no pod of the node mounts any more. */
export function unstage(node: LabNode): void {
  const kept = node.staged.filter(
    (staged) => staged.staysMounted === true || node.mounts.some(({ volume }) => volume === staged.volume),
  );
  if (kept.length < node.staged.length) node.staged.splice(0, node.staged.length, ...kept);
}

function notRegistered({ volume }: PodVolume): MountProblem {
  const why = `driver name ${PROXMOX_DRIVER} not found in the list of registered CSI drivers`;
  const says = `MountVolume.MountDevice failed for volume "${volume}" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: ${why}`;
  return { reason: 'FailedMount', says, afterS: 0 };
}

function deviceMissing({ volume }: PodVolume, { devicePath }: Attachment): MountProblem {
  const says = `MountVolume.MountDevice failed for volume "${volume}" : rpc error: code = InvalidArgument desc = device ${devicePath} is not found`;
  return { reason: 'FailedMount', says, afterS: 0 };
}
