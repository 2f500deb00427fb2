import { GIB, type LabFileSystem, type LabVolume, newVolume, volumeNamed } from '../site/block.ts';
import { uidOf } from '../site/ids.ts';
import { logicalName } from '../site/populate-block.ts';
import { shortIso } from '../site/time.ts';
import type { World } from '../site/world.ts';

// What scenarios do to the space of the site.

export const DAY_MS = 86_400_000;

export interface ClaimName {
  readonly namespace: string;
  readonly claim: string;
}

export const NEXTCLOUD: ClaimName = { namespace: 'nextcloud', claim: 'nextcloud-data-proxmox' };
export const NOVEL: ClaimName = { namespace: 'novelapp', claim: 'novelapp-data-proxmox' };
export const POSTGRES: ClaimName = { namespace: 'dbaas', claim: 'pg-cluster-1' };
export const PROMETHEUS: ClaimName = { namespace: 'monitoring', claim: 'prometheus-data-proxmox' };

export function diskOf(world: World, claim: ClaimName) {
  const volume = volumeNamed(world.hypervisor, logicalName(claim));
  if (volume?.fileSystem === undefined) throw new Error(`The lab has no disk of ${claim.namespace}/${claim.claim}`);
  return { volume, fileSystem: volume.fileSystem };
}

/** Its programs have written so much that this share of it is used. */
export function fill(world: World, claim: ClaimName, usedPercent: number): void {
  const { volume, fileSystem } = diskOf(world, claim);
  fileSystem.usedBytes = Math.floor((fileSystem.sizeBytes * usedPercent) / 100);
  volume.usedPercent = Math.max(volume.usedPercent, usedPercent);
}

/** The nightly snapshots of a volume: so many days old each, each holding so much that nothing else does. */
export function snapshots(world: World, claim: ClaimName, ages: readonly number[], ownGib = 18): readonly LabVolume[] {
  const { volume } = diskOf(world, claim);
  const made = ages.map((days) => {
    const createdMs = Date.UTC(2026, 3, 3, 0, 0, 12) - days * DAY_MS;
    const host = new Date(createdMs + 3 * 3_600_000).toISOString();
    const name = `${volume.name}_snap_${host.slice(0, 10).replaceAll('-', '')}_0300`;
    const snapshot = newVolume({ name, sizeBytes: volume.sizeBytes, usedPercent: volume.usedPercent, createdMs });
    return Object.assign(snapshot, { origin: volume.name, skipActivation: true, ownBytes: ownGib * GIB });
  });
  world.hypervisor.volumes.push(...made);
  return made;
}

export function hypervisorSays({ hypervisor, time }: World, ...texts: readonly string[]): void {
  for (const text of texts) hypervisor.kernelLog.push(`${shortIso(time.nowMs)} ${hypervisor.name} kernel: ${text}`);
}

export const OUT_OF_DATA = [
  'device-mapper: thin: 253:4: reached low water mark for data device: sending event.',
  'device-mapper: thin: 253:4: switching pool to out-of-data-space (queue IO) mode',
  'device-mapper: thin: 253:4: switching pool to out-of-data-space (error IO) mode',
] as const;

/** The pool has no space, and QEMU has stopped the machines that wrote. */
export function exhaust(world: World, vmids: readonly number[] = [201, 203]): void {
  Object.assign(world.hypervisor.thinPool, { dataPercent: 100, attributes: 'twi-aotzD-' });
  hypervisorSays(world, ...OUT_OF_DATA);
  stopMachines(world, vmids);
}

export function stopMachines({ hypervisor }: World, vmids: readonly number[]): void {
  for (const vmid of vmids) {
    const vm = hypervisor.vms.get(vmid);
    if (vm !== undefined) vm.runtime.qmpStatus = 'io-error';
  }
}

/** The hypervisor was made with little room for metadata, so that there is some to add. */
export function smallMetadata({ hypervisor: { thinPool } }: World, metadataPercent: number): void {
  Object.assign(thinPool, { metadataSizeBytes: 2 * GIB, metadataPercent });
}

/** The hypervisor has an NFS server of its own, whose volume of so many gibibytes is nearly full. */
export function exportItself({ hypervisor, time }: World, gibibytes: number): void {
  const sizeBytes = gibibytes * GIB;
  const fileSystem: LabFileSystem = {
    type: 'ext4',
    uuid: uidOf('filesystem/nfs-data'),
    sizeBytes,
    usedBytes: Math.floor(sizeBytes * 0.91),
    files: 1_204_311,
    inodesUsedPercent: 3,
    readOnly: false,
    destroyed: false,
    madeFor: 'the hypervisor',
    content: new Map(),
  };
  const volume = newVolume({ name: 'nfs-data', sizeBytes, usedPercent: 92, createdMs: time.nowMs - 30 * DAY_MS, fileSystem });
  hypervisor.volumes.push(Object.assign(volume, { active: true }));
  hypervisor.hostMounts.push({ mountPoint: '/srv/nfs', volume: volume.name });
}
