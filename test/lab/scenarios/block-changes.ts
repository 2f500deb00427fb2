import { type Attachment, attachmentsOf } from '../site/attachments.ts';
import { GIB, isSlot, newVolume, plug, slotValue, volumeNamed } from '../site/block.ts';
import type { Vm } from '../site/hypervisor.ts';
import type { BlockVolume } from '../site/inventory.ts';
import { kernelSays, type StagedMount } from '../site/node.ts';
import { addBlockVolume, addWorkload } from '../site/populate.ts';
import { blockName, logicalName } from '../site/populate-block.ts';
import { setSlot } from '../site/vm-disks.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import { podOf } from './changes.ts';

// What scenarios do to the disks of the site.

export interface Named {
  readonly namespace: string;
  readonly name: string;
}

export const PLOTTING: Named = { namespace: 'plotting-book', name: 'plotting-book' };
export const NOVEL_APP: Named = { namespace: 'novelapp', name: 'novelapp' };
export const VAULT: Named = { namespace: 'vaultwarden', name: 'vaultwarden' };
export const CLOUD: Named = { namespace: 'nextcloud', name: 'nextcloud' };

const PODS = kind('v1', 'pods');

export function vmOf({ hypervisor, nodes }: World, node: string): Vm {
  const vm = hypervisor.vms.get(nodes.get(node)?.vmid ?? 0);
  if (vm === undefined) throw new Error(`The lab has no machine of ${node}`);
  return vm;
}

/** The claim on a disk of each of these workloads. */
export function claimOf({ namespace, name }: Named): Pick<BlockVolume, 'namespace' | 'claim'> {
  return { namespace, claim: `${name}-data-proxmox` };
}

export function diskOf(world: World, workload: Named) {
  const claim = claimOf(workload);
  const volume = volumeNamed(world.hypervisor, logicalName(claim));
  if (volume?.fileSystem === undefined) throw new Error(`The lab has no disk of ${workload.name}`);
  return { volume, fileSystem: volume.fileSystem, persistent: blockName(claim) };
}

export function attachmentOf(world: World, workload: Named): Attachment {
  const { persistent } = diskOf(world, workload);
  const found = attachmentsOf(world.store).find(({ volume }) => volume === persistent);
  if (found === undefined) throw new Error(`The disk of ${workload.name} is not attached`);
  return found;
}

/** Somebody ends the workload's pod, and its disk is let go of. Returns how its successor comes, on this node. */
export function takeDown(world: World, workload: Named): (to: string) => void {
  const { workloads } = world.cluster;
  const known = world.cluster.workload(workload.namespace, workload.name);
  const { namespace = '', name, uid } = podOf(world, workload).metadata;
  const index = workloads.indexOf(known);
  workloads.splice(index, 1);
  world.store.delete({ resource: PODS, namespace, name }, { uid, gracePeriodSeconds: 30 });
  world.time.advance(15_000);
  return (to) => {
    world.cluster.make(known, { slot: 0, node: to });
    workloads.splice(index, 0, known);
  };
}

/** The workload's pod is made anew on this node, and time passes. */
export function movePod(world: World, workload: Named, to: string, { withinMs = 30_000 } = {}): void {
  takeDown(world, workload)(to);
  world.time.advance(withinMs);
}

/** Small services come to the node, each with a disk of its own. */
export function fillNode(world: World, node: string, count: number): void {
  for (let index = 1; index <= count; index += 1) {
    const name = `tenant-${node.slice(-1)}${String(index).padStart(2, '0')}`;
    addBlockVolume(world, small(name));
    addWorkload(world, { namespace: 'tenants', kind: 'Deployment', name, nodes: [node], claims: [`${name}-data-proxmox`] });
  }
}

function small(name: string): BlockVolume {
  return {
    namespace: 'tenants',
    claim: `${name}-data-proxmox`,
    driver: 'csi.proxmox.sinextra.dev',
    sizeGib: 1,
    usedPercent: 3,
    files: 14,
  };
}

/** The machine was given disks of its own, beside the one that it boots from. */
export function addOwnDisks(world: World, node: string, count: number): void {
  const vm = vmOf(world, node);
  for (let index = 1; index <= count; index += 1) {
    const name = `vm-${vm.vmid}-disk-${index}`;
    world.hypervisor.volumes.push(newVolume({ name, sizeBytes: 100 * GIB, usedPercent: 40, createdMs: world.startedMs }));
    const slot = freeSlot(vm);
    vm.config.set(slot, `local-lvm:${name},size=100G`);
    plug(world.hypervisor, vm, slot);
  }
}

export function freeSlot({ config }: Vm): string {
  const slot = Array.from({ length: 29 }, (_, index) => `scsi${index + 1}`).find((key) => !config.has(key));
  if (slot === undefined) throw new Error('The machine has no free slot');
  return slot;
}

/** Disks of claims that no pod uses are still in the machine of this node, and nothing says that they are attached. */
export function addGhosts(world: World, node: string, count: number): void {
  for (let index = 1; index <= count; index += 1) {
    const block = small(`former-${node.slice(-1)}${String(index).padStart(2, '0')}`);
    addBlockVolume(world, block);
    plugByHand(world, node, logicalName(block));
  }
}

/** Puts the disk into the machine of this node without a word to Kubernetes. Returns the slot. */
export function plugByHand(world: World, node: string, disk: string): string {
  const vm = vmOf(world, node);
  const volume = volumeNamed(world.hypervisor, disk);
  if (volume === undefined) throw new Error(`The lab has no disk ${disk}`);
  const slot = freeSlot(vm);
  setSlot(world, vm, { slot, value: slotValue(volume, Number(slot.slice('scsi'.length))) });
  return slot;
}

/** How many slots of the node's machine are taken, the one it boots from not counted. */
export function slotsTaken(world: World, node: string): number {
  return [...vmOf(world, node).config.keys()].filter((key) => isSlot(key) && key !== 'scsi0').length;
}

/** The driver's mount of the workload's volume on the node where its pod is. */
export function stagedOf(world: World, workload: Named): { readonly staged: StagedMount; readonly node: string } {
  const { persistent } = diskOf(world, workload);
  for (const node of world.nodes.values()) {
    const staged = node.staged.find(({ volume }) => volume === persistent);
    if (staged !== undefined) return { staged, node: node.name };
  }
  throw new Error(`The disk of ${workload.name} is mounted nowhere`);
}

/** The kernel of its node found an error in the file system, and writes to it no more. */
export function abortJournal(world: World, workload: Named): void {
  const { staged, node: name } = stagedOf(world, workload);
  const node = nodeOf(world, name);
  diskOf(world, workload).fileSystem.readOnly = true;
  for (const mount of [...node.staged, ...node.mounts]) if (mount.volume === staged.volume) mount.readOnly = true;
  const device = staged.device.slice('/dev/'.length);
  const says = (text: string) => kernelSays(node, world.time.nowMs, text);
  says(`Buffer I/O error on dev ${device}, logical block 131072, lost sync page write`);
  says(`EXT4-fs error (device ${device}): ext4_journal_check_start:83: comm apache2: Detected aborted journal`);
  says(`EXT4-fs (${device}): Remounting filesystem read-only`);
  world.cluster.report(podOf(world, workload), 'crashing');
}

/** The node's kubelet reports no more, and nobody can log in; its machine runs on. */
export function silenceNode(world: World, name: string): void {
  const node = nodeOf(world, name);
  Object.assign(node, { isUp: false, sshAnswers: false });
  world.cluster.setReady(node, 'Unknown');
}
