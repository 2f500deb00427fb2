import { BLOCK_DRIVER } from '../commands/block-attachments.ts';
import type { PersistentVolume } from '../commands/cluster-objects.ts';
import { sha256 } from '../core/sha256.ts';

/** `pve/pve/local-lvm/vm-9999-pvc-…`: region, zone, storage and the volume's own name. Documents write it in other forms; only the last part counts. */
export interface BlockHandle {
  readonly storage: string;
  readonly disk: string;
}

/** Undefined for a handle of another form, and for a volume of another driver. */
export function handleOf({ csi }: PersistentVolume): BlockHandle | undefined {
  if (csi?.driver !== BLOCK_DRIVER) return undefined;
  const parts = csi.volumeHandle.split('/');
  const disk = parts.at(-1) ?? '';
  const storage = parts.at(-2);
  return storage === undefined || !isCsiDisk(disk) ? undefined : { storage, disk };
}

/** What the driver names its disks: a machine's own are `vm-203-disk-0`. */
export function isCsiDisk(name: string): boolean {
  return /^vm-9999-pvc-[0-9a-z][0-9a-z-]*$/.test(name);
}

/** The PersistentVolume that a disk was made for, which may be gone by now: the driver puts `vm-9999-` before its name. */
export function volumeOfDisk(disk: string): string {
  return disk.replace(/^vm-9999-/, '');
}

/** `local-lvm:vm-9999-pvc-…` as a configuration has it. */
export function diskIn(volume: string): string {
  return volume.slice(Math.max(volume.lastIndexOf(':'), volume.lastIndexOf('/')) + 1);
}

/** The WWN that the driver gives the disk in a slot: ASCII `PVC-ID02`. It is the same on every machine, whatever the volume. */
export function wwnOf(slot: number): string {
  return `0x${Buffer.from(`PVC-ID${`${slot}`.padStart(2, '0')}`).toString('hex')}`;
}

/** Undefined for a WWN that the driver did not give. */
export function slotOfWwn(wwn: string): number | undefined {
  const hex = /^(?:\S*wwn-)?0x([0-9a-f]{16})$/i.exec(wwn)?.[1];
  const slot = /^PVC-ID(\d\d)$/.exec(Buffer.from(hex ?? '', 'hex').toString('latin1'))?.[1];
  return slot === undefined ? undefined : Number(slot);
}

/** `scsi2` */
export function slotNumber(slot: string): number | undefined {
  const number = /^scsi(\d+)$/.exec(slot)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Where kubelet has the driver mount the volume once for all pods of the node: the directory is the SHA-256 of the handle. */
export function stagingOf(handle: string): string {
  return `/var/lib/kubelet/plugins/kubernetes.io/csi/${BLOCK_DRIVER}/${sha256(handle)}/globalmount`;
}

export function isStaging(mountPoint: string): boolean {
  return /\/kubernetes\.io\/csi\/[^/]+\/[^/]+\/globalmount$/.test(mountPoint);
}

/** The uid of the pod that has this volume mounted there. */
export function podOfMount(mountPoint: string, volume: string): string | undefined {
  const [, uid, name] = /\/pods\/([^/]+)\/volumes\/kubernetes\.io~csi\/([^/]+)\/mount$/.exec(mountPoint) ?? [];
  return name === volume ? uid : undefined;
}
