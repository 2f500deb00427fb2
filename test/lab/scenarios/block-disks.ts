import { kernelSays } from '../site/node.ts';
import { stagingPath } from '../site/stager.ts';
import { dropSlot } from '../site/vm-disks.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import { addGhosts, attachmentOf, diskOf, fillNode, movePod, NOVEL_APP, PLOTTING, plugByHand, vmOf } from './block-changes.ts';
import type { Scenario } from './scenario.ts';

const ATTACHMENTS = kind('storage.k8s.io/v1', 'volumeattachments');
const NODE = 'k8s-node3';

/** The machine of the node takes the next disk into its configuration and not into its QEMU. */
function wedge(world: World, { again }: { readonly again: boolean }): void {
  const { runtime } = vmOf(world, NODE);
  runtime.hotplugWorks = false;
  movePod(world, PLOTTING, NODE);
  runtime.hotplugWorks = !again;
}

/** QEMU kept what belonged to the disk that was last in the next free slot. */
function poison(world: World, { withDrive }: { readonly withDrive: boolean }): void {
  const vm = vmOf(world, NODE);
  const slot = plugByHand(world, NODE, diskOf(world, NOVEL_APP).volume.name);
  dropSlot(world, vm, slot);
  vm.runtime.objects.add(`throttle-drive-${slot}`);
  if (withDrive) vm.runtime.leftDrives.add(slot);
  movePod(world, PLOTTING, NODE);
}

/** A disk of a claim is in the machine and mounted there, and nothing says that it is attached. */
function ghostInUse(world: World): void {
  addGhosts(world, NODE, 2);
  const vm = vmOf(world, NODE);
  const [slot, drive] = [...vm.runtime.drives].at(-1) ?? [];
  if (slot === undefined || drive?.guest === undefined) throw new Error('there is a ghost');
  const volume = drive.volume.slice('vm-9999-'.length);
  nodeOf(world, NODE).staged.push({
    volume,
    mountPoint: stagingPath(`pve/pve/local-lvm/${drive.volume}`),
    device: `/dev/${drive.guest}`,
    block: { volume: drive.volume, gone: false },
    staysMounted: true,
  });
}

/** The driver has just set the slot, and has not said so yet. */
function attaching(world: World): void {
  addGhosts(world, NODE, 1);
  movePod(world, PLOTTING, NODE, { withinMs: 3_000 });
  world.store.patch(
    { resource: ATTACHMENTS, name: attachmentOf(world, PLOTTING).name },
    { status: { attached: false, attachmentMetadata: null } },
  );
}

/** Disks that are where they should not be, or not where they should. */
export const blockDisks: readonly Scenario[] = [
  {
    name: 'block-ghost-disks',
    says: 'The machine of k8s-node3 has ten disks in its slots that nothing uses and that count as attached nowhere.',
    prepare: (world) => {
      fillNode(world, NODE, 8);
      addGhosts(world, NODE, 10);
    },
  },
  {
    name: 'block-ghost-in-use',
    says: 'One of two disks that count as attached nowhere is mounted on k8s-node3.',
    prepare: ghostInUse,
  },
  {
    name: 'block-attach-in-progress',
    says: 'A disk is being attached to k8s-node3, beside one that counts as attached nowhere.',
    prepare: attaching,
  },
  {
    name: 'block-open-twice',
    says: 'The disk of the plotting book is in the machine of k8s-node3 as well, while its pod writes to it on k8s-node4.',
    prepare: (world) => {
      plugByHand(world, NODE, diskOf(world, PLOTTING).volume.name);
    },
  },
  {
    name: 'block-wedged-hotplug',
    says: 'The disk of the plotting book is in the configuration of the machine of k8s-node3, and was not plugged in. The next try works.',
    prepare: (world) => wedge(world, { again: false }),
  },
  {
    name: 'block-wedged-for-good',
    says: 'The disk of the plotting book is in the configuration of the machine of k8s-node3, which plugs no disk in any more.',
    prepare: (world) => wedge(world, { again: true }),
  },
  {
    name: 'block-poisoned-slot',
    says: 'QEMU kept the drive and the throttle group of a disk that is gone: the plotting book does not get its disk in that slot.',
    prepare: (world) => poison(world, { withDrive: true }),
  },
  {
    name: 'block-poisoned-by-object',
    says: 'QEMU kept only the throttle group of a disk that is gone: the plotting book does not get its disk in that slot.',
    prepare: (world) => poison(world, { withDrive: false }),
  },
  {
    name: 'block-machine-wedged',
    says: 'QEMU of the machine of k8s-node3, which has 26 disks, does not answer; a pod waits for one more.',
    prepare: (world) => {
      fillNode(world, NODE, 21);
      vmOf(world, NODE).runtime.monitorHangs = true;
      movePod(world, PLOTTING, NODE);
      kernelSays(nodeOf(world, NODE), world.time.nowMs, 'INFO: task kworker/u16:3:214 blocked for more than 120 seconds.');
    },
  },
];
