import { diskOf, slotValue, volumeNamed, wwnOf } from './block.ts';
import type { Vm } from './hypervisor.ts';
import { type DiskParts, dropSlot, setSlot, slotsOf } from './vm-disks.ts';
import { writeTask } from './vm-tasks.ts';

/** What the driver's controller answers to the attacher. */
export type Published = { readonly metadata: Readonly<Record<string, string>> } | { readonly error: string };

export interface Place {
  readonly handle: string;
  readonly node: string;
}

/** The driver looks for a free slot from 1 to this one. */
const LAST_SLOT = 29;
const TOKEN_USER = 'csi@pve!csi-token';

/** ControllerPublishVolume of the Proxmox driver: a volume that the configuration has is attached, whatever QEMU has. */
export function publish(parts: DiskParts, { handle, node }: Place): Published {
  const vm = machineOf(parts, node);
  if (vm === undefined) return { error: `rpc error: code = NotFound desc = nodes "${node}" not found` };
  const denied = tokenDenied(parts, vm);
  if (denied !== undefined) return { error: denied };
  const volume = volumeNamed(parts.hypervisor, nameIn(handle));
  if (volume === undefined) return { error: `rpc error: code = NotFound desc = volume ${handle} not found` };
  const [there] = slotsOf(vm, volume.name);
  if (there !== undefined) return { metadata: metadataOf(vm, there) };
  const slot = freeSlot(vm);
  if (slot === undefined) return { error: 'rpc error: code = Internal desc = no free lun found' };
  if (vm.lock !== undefined) return { error: lockedText(vm) };
  const problem = setSlot(parts, vm, { slot: `scsi${slot}`, value: slotValue(volume, slot) });
  const status = problem === undefined ? 'OK' : `400 Parameter verification failed. scsi${slot}: ${problem}`;
  writeTask(parts, vm, { type: 'qmconfig', status, user: TOKEN_USER });
  // It takes HTTP 400 for an answer like any other.
  return { metadata: contextOf(slot) };
}

/** ControllerUnpublishVolume: returns what went wrong. */
export function unpublish(parts: DiskParts, { handle, node }: Place): string | undefined {
  const vm = machineOf(parts, node);
  if (vm === undefined) return undefined;
  const denied = tokenDenied(parts, vm);
  if (denied !== undefined) return denied;
  for (const slot of slotsOf(vm, nameIn(handle))) {
    const problem = vm.lock === undefined ? dropSlot(parts, vm, slot) : `VM is locked (${vm.lock})`;
    writeTask(parts, vm, { type: 'qmconfig', status: problem ?? 'OK', user: TOKEN_USER });
    if (problem !== undefined) return `rpc error: code = Internal desc = ${problem}`;
  }
  return undefined;
}

function lockedText({ lock }: Vm): string {
  return `rpc error: code = Internal desc = VM is locked (${lock})`;
}

export function nameIn(handle: string): string {
  return handle.slice(handle.lastIndexOf('/') + 1);
}

function machineOf({ hypervisor, nodes }: DiskParts, node: string): Vm | undefined {
  return hypervisor.vms.get(nodes.get(node)?.vmid ?? 0);
}

function tokenDenied({ hypervisor }: DiskParts, { vmid }: Vm): string | undefined {
  switch (hypervisor.driverToken) {
    case 'accepted':
      return undefined;
    case 'invalid':
      return 'rpc error: code = Internal desc = 401 authentication failure: invalid token value!';
    case 'forbidden':
      return `rpc error: code = Internal desc = 403 Permission check failed (/vms/${vmid}, VM.Config.Disk)`;
  }
}

function freeSlot({ config }: Vm): number | undefined {
  return Array.from({ length: LAST_SLOT }, (_, index) => index + 1).find((slot) => !config.has(`scsi${slot}`));
}

function metadataOf({ config }: Vm, slot: string): Readonly<Record<string, string>> {
  const { wwn } = diskOf(config.get(slot) ?? '') ?? {};
  const number = Number(slot.replace('scsi', ''));
  return wwn === undefined ? contextOf(number) : { DevicePath: `/dev/disk/by-id/wwn-${wwn}`, lun: `${number}` };
}

function contextOf(slot: number): Readonly<Record<string, string>> {
  return { DevicePath: `/dev/disk/by-id/wwn-${wwnOf(slot)}`, lun: `${slot}` };
}
