import { BLOCK_DRIVER } from '../commands/block-attachments.ts';
import type { BlockMount } from '../commands/block-devices.ts';
import type { PersistentVolume } from '../commands/cluster-objects.ts';
import type { VmSlot } from '../commands/proxmox-vm.ts';
import type { Seen } from '../core/reading.ts';
import { drivesOf, objectsOf } from './block-chain-machine.ts';
import { identityOf, isOff } from './block-identity.ts';
import type { BlockLook, MachineLook } from './block-look.ts';
import { diskIn, isCsiDisk, isStaging, podOfMount, slotNumber, slotOfWwn, stagingOf } from './block-names.ts';

/** The driver looks for a free slot from the first to this one. */
export const LAST_SLOT = 29;

/** The disks of the driver in the configuration of a machine. */
export function csiSlots({ config }: Pick<MachineLook, 'config'>): readonly VmSlot[] {
  return config.known ? config.value.slots.filter(({ volume }) => isCsiDisk(diskIn(volume))) : [];
}

/** Whatever is in a slot that the driver could use, a machine's own disks among them. */
export function usedSlots({ config }: Pick<MachineLook, 'config'>): readonly number[] {
  const numbers = config.known ? config.value.slots.flatMap(({ slot }) => slotNumber(slot) ?? []) : [];
  return numbers.filter((number) => number >= 1 && number <= LAST_SLOT);
}

/** Not known to be free counts as full. */
export function hasFreeSlot(machine: MachineLook): boolean {
  return machine.config.known && usedSlots(machine).length < LAST_SLOT;
}

/** Slots whose throttle object is there while no drive is, neither in QEMU nor in the configuration: the next disk there fails. */
export function poisonedSlots(machine: MachineLook): readonly number[] {
  const [drives, objects] = [drivesOf(machine), objectsOf(machine)];
  if (!drives.known || !objects.known || !machine.config.known) return [];
  const used = [...usedSlots(machine), ...drives.value.map(({ slot }) => slotNumber(slot))];
  const held = objects.value.flatMap((name) => slotNumber(name.replace(/^throttle-drive-/, '')) ?? []);
  return held.filter((slot) => slot >= 1 && slot <= LAST_SLOT && !used.includes(slot)).toSorted((a, b) => a - b);
}

/** Mounts of the driver from one and the same disk, for more than one volume. */
export function sharedMounts({ mounts }: Pick<MachineLook, 'mounts'>): readonly (readonly BlockMount[])[] {
  const staged = mounts.known ? mounts.value.filter(isOfDriver) : [];
  return [...Map.groupBy(staged, ({ number }) => number).values()].filter(
    (all) => new Set(all.map(({ mountPoint }) => mountPoint)).size > 1,
  );
}

/** Mounts of the driver whose disk the node does not have any more. */
export function mountsWithoutDisk({ mounts, devices }: Pick<MachineLook, 'mounts' | 'devices'>): readonly BlockMount[] {
  if (!mounts.known || !devices.known) return [];
  return mounts.value.filter((mount) => isOfDriver(mount) && devices.value.every(({ number }) => number !== mount.number));
}

export function isOfDriver({ mountPoint }: BlockMount): boolean {
  return isStaging(mountPoint) && mountPoint.includes(`/${BLOCK_DRIVER}/`);
}

/**
 * Why nothing may be plugged into or out of this machine: the next disk would get the name of one that the node has not let go of, and
 * be taken for it. Undefined where its slots, its disks and its mounts agree.
 */
export function objectionToMachine({ machines }: Pick<BlockLook, 'machines'>, node: string): MachineObjection | undefined {
  const machine = machines.find((each) => each.node === node);
  if (machine === undefined) return { is: 'unknown', says: `nothing is known of the machine of ${node}` };
  if (isOff(machine)) return undefined;
  const unseen = [machine.config, machine.devices, machine.mounts, machine.uses, machine.current].find(
    (each: Seen<unknown>) => !each.known,
  );
  if (unseen !== undefined && !unseen.known) return { is: 'unknown', says: unseen.why.says };
  const lock = machine.current.known ? machine.current.value.lock : undefined;
  if (lock !== undefined) return { is: 'no', says: `Proxmox holds a lock on the machine of ${node}: ${lock}` };
  const { is, says } = identityOf(machine);
  return is === 'same' ? leftOver(machine) : { is: is === 'other' ? 'no' : 'unknown', says };
}

/**
 * The same, of the machine that is to get this volume: a mount of it that is there already is of another disk, and the driver would take
 * it for its own.
 */
export function objectionToTarget(look: BlockLook, node: string, { name, csi }: PersistentVolume): MachineObjection | undefined {
  const machine = look.machines.find((each) => each.node === node);
  const mounts = machine?.mounts.known === true ? machine.mounts.value : [];
  const staging = csi === undefined ? undefined : stagingOf(csi.volumeHandle);
  const old = mounts.find(({ mountPoint }) => mountPoint === staging || podOfMount(mountPoint, name) !== undefined);
  const says = `${node} already has ${name} mounted from ${old?.source}, which is another disk`;
  return old === undefined ? objectionToMachine(look, node) : { is: 'no', says };
}

/** Why the volume may not go from one machine to another, which may be the same. */
export function objectionToMove(look: BlockLook, volume: PersistentVolume, { from, to }: Move): MachineObjection | undefined {
  return (from === to ? undefined : objectionToMachine(look, from)) ?? objectionToTarget(look, to, volume);
}

/** Names of nodes. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

export interface MachineObjection {
  readonly is: 'no' | 'unknown';
  readonly says: string;
}

function leftOver(machine: MachineLook): MachineObjection | undefined {
  const { node, devices } = machine;
  const [shared] = sharedMounts(machine);
  if (shared !== undefined) return { is: 'no', says: `two volumes are mounted from ${shared[0]?.source} of ${node}` };
  const used = usedSlots(machine);
  const disks = devices.known ? devices.value : [];
  const stray = disks.find(({ wwn = '' }) => {
    const slot = slotOfWwn(wwn);
    return slot !== undefined && !used.includes(slot);
  });
  if (stray !== undefined) return { is: 'no', says: `${node} has ${stray.name} as ${stray.wwn}, and no such slot is in use` };
  const [gone] = mountsWithoutDisk(machine);
  return gone && { is: 'no', says: `${node} still has a disk mounted at ${gone.mountPoint} that is gone` };
}
