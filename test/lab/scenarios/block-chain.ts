import { slotValue, startRuntime } from '../site/block.ts';
import { reboot } from '../site/kubelet.ts';
import { dropSlot, setSlot } from '../site/vm-disks.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import { attachmentOf, CLOUD, diskOf, movePod, NOVEL_APP, PLOTTING, stagedOf, vmOf } from './block-changes.ts';
import { podOf } from './changes.ts';
import type { Scenario } from './scenario.ts';

const ATTACHMENTS = kind('storage.k8s.io/v1', 'volumeattachments');
const DEPLOYMENTS = kind('apps/v1', 'deployments');
const NODE = 'k8s-node3';

/** The pod of the plotting book has the disk of nextcloud: its slot was given away between two looks. */
function shareDevice(world: World): void {
  movePod(world, PLOTTING, NODE);
  const { staged: own } = stagedOf(world, PLOTTING);
  const { staged: other } = stagedOf(world, CLOUD);
  const node = nodeOf(world, NODE);
  const instead = { device: other.device, block: { volume: other.block.volume, gone: false } };
  node.staged.splice(node.staged.indexOf(own), 1, { ...own, ...instead, staysMounted: true });
  node.mounts.splice(
    0,
    node.mounts.length,
    ...node.mounts.map((mount) => (mount.volume === own.volume ? { ...mount, ...instead } : mount)),
  );
}

/** A mount of the driver stayed when its pod and its attachment went; another disk has its slot since. */
function keepStaging(world: World): void {
  movePod(world, PLOTTING, NODE);
  const { staged } = stagedOf(world, PLOTTING);
  staged.staysMounted = true;
  movePod(world, PLOTTING, 'k8s-node4', { withinMs: 5_000 });
  const attachment = attachmentOf(world, PLOTTING);
  world.store.delete({ resource: ATTACHMENTS, name: attachment.name }, { uid: attachment.uid });
  world.time.advance(30_000);
  movePod(world, NOVEL_APP, NODE);
}

/** The driver took the disk that the machine boots from for the claim's. */
function plugMainDisk(world: World): void {
  movePod(world, PLOTTING, NODE);
  const vm = vmOf(world, NODE);
  const slot = [...vm.config].find(([, value]) => value.includes(diskOf(world, PLOTTING).volume.name))?.[0];
  if (slot === undefined) throw new Error('the plotting book has a disk');
  const node = nodeOf(world, NODE);
  const { persistent } = diskOf(world, PLOTTING);
  for (const list of [node.mounts, node.staged]) {
    const at = list.findIndex(({ volume }) => volume === persistent);
    if (at >= 0) list.splice(at, 1);
  }
  dropSlot(world, vm, slot);
  setSlot(world, vm, { slot, value: 'local-lvm:vm-203-disk-0,backup=0,iothread=1,size=256G' });
  world.cluster.report(podOf(world, PLOTTING), 'starting');
  world.time.advance(30_000);
}

/** Somebody changed the controller of the machine's disks; it has started since. */
function changeController(world: World): void {
  const vm = vmOf(world, NODE);
  vm.config.set('scsihw', 'virtio-scsi-single');
  startRuntime(world.hypervisor, vm);
  reboot(world.cluster, nodeOf(world, NODE), { downMs: 20_000 });
  world.time.advance(60_000);
}

/** The workstation has the disk of the novel app, whose pods were ended. */
function openElsewhere(world: World): void {
  const { namespace, name } = NOVEL_APP;
  world.store.patch({ resource: DEPLOYMENTS, namespace, name }, { spec: { replicas: 0 } });
  world.time.advance(30_000);
  const vm = world.hypervisor.vms.get(102);
  if (vm === undefined) throw new Error('there is a workstation');
  setSlot(world, vm, { slot: 'scsi1', value: slotValue(diskOf(world, NOVEL_APP).volume, 1) });
}

/** Disks of which the views contradict each other: whoever detaches or attaches by one of them alone takes the wrong one. */
export const blockChain: readonly Scenario[] = [
  {
    name: 'block-open-elsewhere',
    says: 'A machine that is no node has the disk of the novel app, which runs nowhere.',
    prepare: openElsewhere,
  },
  {
    name: 'block-shared-device',
    says: 'The plotting book and nextcloud are mounted from one disk (proxmox-csi #601).',
    prepare: shareDevice,
  },
  {
    name: 'block-stale-staging',
    says: 'The mount of a disk that left k8s-node3 stayed there, after its pod and its attachment had gone (proxmox-csi #601).',
    prepare: keepStaging,
  },
  {
    name: 'block-main-disk',
    says: 'The machine of k8s-node3 has the disk that it boots from where that of the plotting book should be (proxmox-csi #363).',
    prepare: plugMainDisk,
  },
  {
    name: 'block-wrong-controller',
    says: 'The machine of k8s-node3 has another disk controller since it started: its disks have no WWN (proxmox-csi #605).',
    prepare: changeController,
  },
];
