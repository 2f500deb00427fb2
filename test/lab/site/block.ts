import { freeName, inOrder } from './disk-names.ts';
import type { Hypervisor, Vm } from './hypervisor.ts';
import type { LabNode } from './node.ts';

/** A logical volume of the hypervisor. It is open while a running machine has it in its runtime. */
export interface LabVolume {
  readonly vg: string;
  name: string;
  sizeBytes: number;
  /** The thin pool that it is in; absent for a plain one. */
  readonly pool?: string;
  /** The volume that it was a snapshot of. */
  origin?: string;
  /** Share of its size that its pool has given it. */
  usedPercent: number;
  /** Activated: it has a device on the hypervisor. */
  active: boolean;
  /** Its activation is skipped unless one asks for it with -K, as for every snapshot. */
  skipActivation: boolean;
  readonly createdMs: number;
  readonly tags: Set<string>;
  /** Of a snapshot: what the pool holds for it alone. */
  ownBytes?: number;
  fileSystem?: LabFileSystem;
  /** What LVM calls it whatever its name is; made of its first name unless given. */
  uuid?: string;
  /** The pool cannot read its map of it any more. */
  failed?: true;
  /** A LUKS container, with the file system inside. */
  isEncrypted?: true;
}

export interface LabFileSystem {
  readonly type: 'ext4';
  readonly uuid: string;
  sizeBytes: number;
  usedBytes: number;
  /** What ext4 keeps back for root. */
  reservedBytes?: number;
  files: number;
  inodesUsedPercent: number;
  /** Its kernel found an error and stopped writing; a new mount of it begins read-only as well. */
  readOnly: boolean;
  /** Two kernels wrote to it at once, or somebody wrote over it. */
  destroyed: boolean;
  /** The claim whose program made what is in it: `vaultwarden/vaultwarden-data-proxmox`. */
  madeFor: string;
  /** Some of its files by their paths. */
  readonly content: Map<string, string>;
}

/** A disk that a machine's QEMU has now. */
export interface LabDrive {
  /** Name of the logical volume. */
  readonly volume: string;
  readonly vg: string;
  /** As QEMU shows it to the guest: what the configuration said when the disk was plugged in. */
  readonly wwn?: string;
  /** `sdb`; absent where the guest does not see it. */
  guest?: string;
}

/** What QEMU has, whatever the configuration says. */
export interface VmRuntime {
  readonly drives: Map<string, LabDrive>;
  /** Objects under /objects: a throttle group for each drive, and what was left behind. */
  readonly objects: Set<string>;
  /** Slots whose drive stayed in QEMU when their disk was taken out: it still uses its throttle group. */
  readonly leftDrives: Set<string>;
  qmpStatus: 'running' | 'paused' | 'io-error' | 'internal-error' | 'stopped';
  /** QEMU's monitor does not answer in time. */
  monitorHangs: boolean;
  /** False: Proxmox changes the configuration, says OK, and QEMU gets nothing. */
  hotplugWorks: boolean;
  /** Names that the guest does not give again: a mount still holds the disk that had them. */
  readonly heldNames: Set<string>;
}

/** A disk as the guest's kernel has it. */
export interface GuestDevice {
  readonly name: string;
  readonly slot: string;
  readonly drive: LabDrive;
}

export const GIB = 2 ** 30;

export function newRuntime(): VmRuntime {
  return {
    drives: new Map(),
    objects: new Set(),
    leftDrives: new Set(),
    qmpStatus: 'running',
    monitorHangs: false,
    hotplugWorks: true,
    heldNames: new Set(),
  };
}

/** `PVC-ID02` for slot 2: it names the slot, and so every machine has the same ones. */
export function wwnOf(slot: number): string {
  return `0x${Buffer.from(`PVC-ID${String(slot).padStart(2, '0')}`).toString('hex')}`;
}

export function throttleOf(slot: string): string {
  return `throttle-drive-${slot}`;
}

/** `local-lvm` and `ssd` are storages of Proxmox; each is a volume group. */
const STORAGES: Readonly<Record<string, string>> = { 'local-lvm': 'pve', ssd: 'ssd' };

/** The value of a slot in a machine's configuration, as the driver sets it. */
export function slotValue(volume: Pick<LabVolume, 'name' | 'sizeBytes'>, slot: number): string {
  return `local-lvm:${volume.name},backup=0,cache=none,iothread=1,size=${sizeText(volume.sizeBytes)},wwn=${wwnOf(slot)}`;
}

export function sizeText(bytes: number): string {
  return bytes % GIB === 0 ? `${bytes / GIB}G` : `${Math.round(bytes / 2 ** 20)}M`;
}

/** What a slot's value names; undefined for what is no disk on a volume. */
export function diskOf(value: string): { readonly volume: string; readonly vg: string; readonly wwn?: string } | undefined {
  const [, storage = '', volume = ''] = /^([\w-]+):([^,]+)/.exec(value) ?? [];
  const vg = STORAGES[storage];
  const wwn = /(?:^|,)wwn=(0x[0-9a-f]+)/.exec(value)?.[1];
  return vg === undefined ? undefined : { volume, vg, ...(wwn === undefined ? {} : { wwn }) };
}

export function isSlot(key: string): boolean {
  return /^scsi\d+$/.test(key);
}

export function volumeNamed({ volumes }: Hypervisor, name: string, vg = 'pve'): LabVolume | undefined {
  return volumes.find((each) => each.vg === vg && each.name === name);
}

/** The machines that have the volume in their QEMU now. */
export function openIn({ vms }: Hypervisor, { name, vg }: Pick<LabVolume, 'name' | 'vg'>): readonly Vm[] {
  return [...vms.values()].filter(
    (vm) => vm.status === 'running' && [...vm.runtime.drives.values()].some((drive) => drive.volume === name && drive.vg === vg),
  );
}

/** Gives the machine's QEMU the disk that a slot's value names; its guest sees it at once. */
export function plug(hypervisor: Hypervisor, vm: Vm, slot: string): void {
  const disk = diskOf(vm.config.get(slot) ?? '');
  if (disk === undefined) return;
  vm.runtime.objects.add(throttleOf(slot));
  const volume = volumeNamed(hypervisor, disk.volume, disk.vg);
  if (volume !== undefined) Object.assign(volume, { active: true });
  const { wwn, ...drive } = disk;
  // Under a controller for each disk the guest does not see the name that the driver gave it.
  const isNamed = wwn !== undefined && vm.config.get('scsihw') !== 'virtio-scsi-single';
  vm.runtime.drives.set(slot, { ...drive, ...(isNamed ? { wwn } : {}), guest: freeName(namesIn(vm.runtime)) });
}

/** Takes the disk out of QEMU and of the guest, and its device from the hypervisor where nothing else has it. */
export function unplug(hypervisor: Hypervisor, vm: Vm, slot: string): void {
  const drive = vm.runtime.drives.get(slot);
  vm.runtime.drives.delete(slot);
  vm.runtime.objects.delete(throttleOf(slot));
  const volume = drive === undefined ? undefined : volumeNamed(hypervisor, drive.volume, drive.vg);
  if (volume !== undefined && openIn(hypervisor, volume).length === 0) volume.active = false;
}

/** A new QEMU has what the configuration says, and nothing that was left in the old one. */
export function startRuntime(hypervisor: Hypervisor, vm: Vm): void {
  stopRuntime(hypervisor, vm);
  for (const slot of [...vm.config.keys()].filter(isSlot).toSorted(bySlot)) plug(hypervisor, vm, slot);
  vm.runtime.qmpStatus = 'running';
}

export function stopRuntime(hypervisor: Hypervisor, vm: Vm): void {
  for (const slot of vm.runtime.drives.keys()) unplug(hypervisor, vm, slot);
  vm.runtime.objects.clear();
  vm.runtime.leftDrives.clear();
  vm.runtime.qmpStatus = 'stopped';
}

export function bySlot(a: string, b: string): number {
  return slotNumber(a) - slotNumber(b);
}

export function slotNumber(slot: string): number {
  return Number(slot.replace('scsi', ''));
}

function namesIn({ drives, heldNames }: VmRuntime): ReadonlySet<string> {
  return new Set([...heldNames, ...[...drives.values()].flatMap(({ guest = [] }) => guest)]);
}

/** A kernel that starts anew names its disks in the order of their slots. */
export function nameAnew({ drives, heldNames }: VmRuntime): void {
  heldNames.clear();
  const sorted = [...drives].filter(([, drive]) => drive.guest !== undefined).toSorted(([a], [b]) => bySlot(a, b));
  const given = new Set<string>();
  for (const [, drive] of sorted) {
    drive.guest = freeName(given);
    given.add(drive.guest);
  }
}

/** The disks that the node's kernel sees, by their names. */
export function blockDevices({ vms }: Hypervisor, { vmid }: Pick<LabNode, 'vmid'>): readonly GuestDevice[] {
  const vm = vms.get(vmid);
  if (vm?.status !== 'running') return [];
  return [...vm.runtime.drives]
    .flatMap(([slot, drive]) => (drive.guest === undefined ? [] : [{ name: drive.guest, slot, drive }]))
    .toSorted((a, b) => inOrder(a.name, b.name));
}

export function newVolume(
  about: Pick<LabVolume, 'name' | 'sizeBytes' | 'usedPercent' | 'createdMs'> &
    Partial<Pick<LabVolume, 'vg' | 'pool' | 'fileSystem'>>,
): LabVolume {
  const pool = about.vg === 'ssd' ? {} : { pool: 'data' };
  return { vg: 'pve', ...pool, active: false, skipActivation: false, tags: new Set(), ...about };
}
