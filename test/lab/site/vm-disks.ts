import { diskOf, isSlot, plug, throttleOf, unplug } from './block.ts';
import type { Hypervisor, Vm } from './hypervisor.ts';
import { kernelSays, type LabNode } from './node.ts';
import type { Timeline } from './time.ts';

/** What a change of a machine's disks needs of the world. */
export interface DiskParts {
  readonly hypervisor: Hypervisor;
  readonly nodes: ReadonlyMap<string, LabNode>;
  readonly time: Timeline;
}

/**
 * Sets a slot of the configuration, and plugs the disk into a running machine. Returns what Proxmox says against it: then nothing
 * has changed.
 */
export function setSlot({ hypervisor }: DiskParts, vm: Vm, { slot, value }: { slot: string; value: string }): string | undefined {
  const isNew = vm.status === 'running' && !vm.runtime.drives.has(slot);
  if (isNew && vm.runtime.monitorHangs) return qmpProblem(vm, 'query-pci', 'got timeout');
  const object = throttleOf(slot);
  if (isNew && vm.runtime.objects.has(object))
    return qmpProblem(vm, 'object-add', `attempt to add duplicate property '${object}' to object (type 'container')`);
  vm.config.set(slot, value);
  if (isNew && vm.runtime.hotplugWorks) plug(hypervisor, vm, slot);
  return undefined;
}

/** Takes a slot out of the configuration and its disk out of a running machine. A disk of the machine's own is kept as unused. */
export function dropSlot(parts: DiskParts, vm: Vm, slot: string): string | undefined {
  if (vm.status === 'running' && vm.runtime.monitorHangs && vm.runtime.drives.has(slot))
    return qmpProblem(vm, 'device_del', 'got timeout');
  const value = vm.config.get(slot) ?? '';
  vm.config.delete(slot);
  if (diskOf(value)?.volume.startsWith(`vm-${vm.vmid}-`) === true) vm.config.set(freeUnused(vm), value.split(',')[0] ?? '');
  if (vm.status === 'running') pullOut(parts, vm, slot);
  return undefined;
}

function qmpProblem({ vmid }: Vm, command: string, words: string): string {
  return `hotplug problem - VM ${vmid} qmp command '${command}' failed - ${words}`;
}

function freeUnused({ config }: Vm): string {
  const free = Array.from({ length: 256 }, (_, index) => `unused${index}`).find((key) => !config.has(key));
  if (free === undefined) throw new Error('The lab has no unused slot left');
  return free;
}

/** The disk leaves the machine whether or not its system still has it mounted. */
export function pullOut({ hypervisor, nodes, time }: DiskParts, vm: Vm, slot: string): void {
  const drive = vm.runtime.drives.get(slot);
  if (drive === undefined) return;
  unplug(hypervisor, vm, slot);
  const node = [...nodes.values()].find(({ vmid }) => vmid === vm.vmid);
  const device = `/dev/${drive.guest}`;
  const held = [...(node?.staged ?? []), ...(node?.mounts ?? [])].filter(
    ({ block, device: its }) => block?.volume === drive.volume && its === device && block?.gone === false,
  );
  if (node === undefined || drive.guest === undefined || held.length === 0) return;
  vm.runtime.heldNames.add(drive.guest);
  for (const { block } of held) if (block !== undefined) block.gone = true;
  const says = (text: string) => kernelSays(node, time.nowMs, text);
  says(`Buffer I/O error on dev ${drive.guest}, logical block 0, lost sync page write`);
  says(`EXT4-fs error (device ${drive.guest}): ext4_journal_check_start:83: comm kworker/u16:2: Detected aborted journal`);
  says(`EXT4-fs (${drive.guest}): Remounting filesystem read-only`);
}

/** The slots of the configuration that hold a volume, by the volume's name. */
export function slotsOf({ config }: Vm, volume: string): readonly string[] {
  return [...config].flatMap(([key, value]) => (isSlot(key) && diskOf(value)?.volume === volume ? [key] : []));
}
