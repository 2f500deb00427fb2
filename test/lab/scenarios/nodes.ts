import { slotValue, volumeNamed } from '../site/block.ts';
import type { Vm } from '../site/hypervisor.ts';
import type { LabNode } from '../site/node.ts';
import { power, turnOff } from '../site/power.ts';
import { writeTask } from '../site/vm-tasks.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

/** The node that all of these happen to. */
const NAME = 'k8s-node3';
const NODES = kind('v1', 'nodes');
const MINUTE_MS = 60_000;

function machineOf(world: World, name = NAME): { readonly node: LabNode; readonly vm: Vm } {
  const node = nodeOf(world, name);
  const vm = world.hypervisor.vms.get(node.vmid);
  if (vm === undefined) throw new Error(`The lab has no machine of ${name}`);
  return { node, vm };
}

/** Nothing of it answers any more; what its machine does is another matter. */
function fallSilent(world: World): Vm {
  const { node, vm } = machineOf(world);
  Object.assign(node, { isUp: false, sshAnswers: false });
  world.cluster.setReady(node, 'Unknown');
  return vm;
}

/** The start of the machine is the first thing in Proxmox's list of what was done with it. */
function startedLately(world: World): void {
  writeTask(world, machineOf(world).vm, { type: 'qmstart', user: 'root@pam', status: 'OK' });
}

/** Less than the cluster waits before it makes the pods anew elsewhere. */
function letPass(world: World): void {
  world.time.advance(2 * MINUTE_MS);
}

/** Its system stands still, and with it everything that it writes. */
function standStill(world: World, qmpStatus: Vm['runtime']['qmpStatus']): void {
  const vm = fallSilent(world);
  vm.runtime.qmpStatus = qmpStatus;
  vm.quietSinceMs = world.time.nowMs;
  letPass(world);
}

function taint(world: World): void {
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
  world.store.patch({ resource: NODES, name: NAME }, { spec: { taints } });
}

function setReady(world: World, condition: Readonly<Record<string, string>>): void {
  world.store.patch({ resource: NODES, name: NAME }, { status: { conditions: [{ type: 'Ready', ...condition }] } });
}

/** Gives the disk of another machine to this one as well, in its configuration alone. */
function shareDisk(world: World): void {
  const { vm } = machineOf(world);
  const { vm: other } = machineOf(world, 'k8s-node4');
  const [value] = [...other.config.values()].filter((text) => text.includes('vm-9999-'));
  const volume = volumeNamed(world.hypervisor, value?.split(',')[0]?.split(':')[1] ?? '');
  if (volume === undefined) throw new Error('The other machine has no disk of the block driver');
  vm.config.set('scsi20', slotValue(volume, 20));
}

const scenarios: readonly Scenario[] = [
  {
    name: 'node-off',
    says: 'The QEMU of a node ended by itself: nobody turned the machine off.',
    prepare: (world) => {
      turnOff(world, machineOf(world).vm);
      letPass(world);
    },
  },
  {
    name: 'node-turned-off',
    says: 'Somebody turned the machine of a node off without telling the cluster.',
    prepare: (world) => {
      power(world, machineOf(world).vm, { action: 'stop', user: 'root@pam' });
      letPass(world);
    },
  },
  {
    name: 'node-paused-by-a-person',
    says: 'Somebody paused the machine of a node.',
    prepare: (world) => {
      writeTask(world, machineOf(world).vm, { type: 'qmpause', user: 'root@pam', status: 'OK' });
      standStill(world, 'paused');
    },
  },
  {
    name: 'node-of-another-machine',
    says: 'The configuration of the bot has the number of another machine for a node, and that machine is off.',
    prepare: (world) => {
      const { vm } = machineOf(world);
      turnOff(world, vm);
      vm.config.set('name', 'pfsense');
      letPass(world);
    },
  },
  {
    name: 'node-off-without-boot-disk',
    says: 'The machine of a node is off, and its boot disk was taken out of its configuration.',
    prepare: (world) => {
      const { vm } = machineOf(world);
      turnOff(world, vm);
      vm.config.delete('scsi0');
      letPass(world);
    },
  },
  {
    name: 'node-off-sharing-a-disk',
    says: 'The machine of a node is off, and its configuration still has a disk that another machine writes to.',
    prepare: (world) => {
      turnOff(world, machineOf(world).vm);
      shareDisk(world);
      letPass(world);
    },
  },
  {
    name: 'node-fenced',
    says: 'A program stopped the machine of a node and marked it as out of service.',
    prepare: (world) => {
      power(world, machineOf(world).vm, { action: 'stop', user: 'storagebot@pve!change' });
      taint(world);
      letPass(world);
    },
  },
  {
    name: 'node-fenced-by-a-person',
    says: 'Somebody turned the machine of a node off for work on it, and marked it as out of service.',
    prepare: (world) => {
      power(world, machineOf(world).vm, { action: 'stop', user: 'root@pam' });
      taint(world);
      letPass(world);
    },
  },
  { name: 'node-tainted-though-up', says: 'A node runs again, and is still marked as out of service.', prepare: taint },
  {
    name: 'node-stalled',
    says: 'The block layer in the QEMU of a node is stuck: QEMU answers, nothing is written, the disk under it is idle.',
    prepare: (world) => {
      fallSilent(world).quietSinceMs = world.time.nowMs - 87 * MINUTE_MS;
      world.hypervisor.diskBusyPercent = 5.2;
      letPass(world);
    },
  },
  {
    name: 'node-waits-for-disk',
    says: 'A node writes nothing, because the disk under all machines is busy all the time: it waits, and is not stuck.',
    prepare: (world) => {
      fallSilent(world).quietSinceMs = world.time.nowMs - 20 * MINUTE_MS;
      world.hypervisor.diskBusyPercent = 99.4;
      letPass(world);
    },
  },
  {
    name: 'node-quiet-too-short',
    says: 'A node fell silent and stopped writing a few minutes ago: too short to be taken for stuck.',
    prepare: (world) => {
      fallSilent(world).quietSinceMs = world.time.nowMs - 3 * MINUTE_MS;
      letPass(world);
    },
  },
  {
    name: 'node-crashed',
    says: 'The QEMU of a node has an internal error: it runs, and its system does not.',
    prepare: (world) => standStill(world, 'internal-error'),
  },
  {
    name: 'node-crashed-without-boot-disk',
    says: 'The QEMU of a node has an internal error, and its configuration has no boot disk any more.',
    prepare: (world) => {
      standStill(world, 'internal-error');
      machineOf(world).vm.config.delete('scsi0');
    },
  },
  {
    name: 'node-paused',
    says: 'A snapshot that failed left the machine of a node paused.',
    prepare: (world) => standStill(world, 'paused'),
  },
  {
    name: 'node-paused-sharing-a-disk',
    says: 'The machine of a node is paused, and its configuration has a disk that another machine writes to.',
    prepare: (world) => {
      standStill(world, 'paused');
      shareDisk(world);
    },
  },
  {
    name: 'node-io-error',
    says: 'A write of a node failed, and QEMU stopped it; the storage takes writes again.',
    prepare: (world) => standStill(world, 'io-error'),
  },
  {
    name: 'node-io-error-pool-full',
    says: 'A write of a node failed because the thin pool is full, and QEMU stopped it.',
    prepare: (world) => {
      world.hypervisor.thinPool.dataPercent = 100;
      world.hypervisor.thinPool.attributes = 'twi-aotzD-';
      standStill(world, 'io-error');
    },
  },
  {
    name: 'node-locked',
    says: 'The machine of a node is off, and a backup holds its lock.',
    prepare: (world) => {
      const { vm } = machineOf(world);
      turnOff(world, vm);
      vm.lock = 'backup';
      letPass(world);
    },
  },
  {
    name: 'node-silent-and-writing',
    says: 'The network of a node is gone: nothing reaches it, and it goes on writing to its disks.',
    prepare: (world) => {
      fallSilent(world);
      letPass(world);
    },
  },
  {
    name: 'node-kubelet-silent',
    says: 'The kubelet of a node runs and does not report; everything else on it is well.',
    prepare: (world) => {
      world.cluster.setReady(machineOf(world).node, 'Unknown');
      letPass(world);
    },
  },
  {
    name: 'node-kubelet-stopped',
    says: 'The kubelet of a node ended; everything else on it is well.',
    prepare: (world) => {
      const { node } = machineOf(world);
      node.kubeletRests = true;
      world.cluster.setReady(node, 'Unknown');
      letPass(world);
    },
  },
  {
    name: 'node-network-not-ready',
    says: 'The network of pods is not up on a node: its kubelet says so.',
    prepare: (world) =>
      setReady(world, {
        status: 'False',
        reason: 'KubeletNotReady',
        message:
          'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
      }),
  },
  {
    name: 'node-zombie',
    says: 'A node that was taken out of the site registers again after a power cut.',
    prepare: (world) => {
      const node = world.store.get({ resource: NODES, name: NAME });
      const metadata = { name: 'k8s-node6', labels: { 'kubernetes.io/hostname': 'k8s-node6' } };
      world.store.create({ ...node, metadata });
    },
  },
  {
    name: 'node-off-api-silent',
    says: 'A node is off, and the API of Proxmox does not answer.',
    prepare: (world) => {
      turnOff(world, machineOf(world).vm);
      world.hypervisor.api.state = 'hangs';
      letPass(world);
    },
  },
  {
    name: 'node-off-tokens-refused',
    says: 'A node is off, and Proxmox does not accept the bot’s tokens any more.',
    prepare: (world) => {
      turnOff(world, machineOf(world).vm);
      world.hypervisor.api.state = 'refuses-tokens';
      letPass(world);
    },
  },
];

export const nodeScenarios: readonly Scenario[] = scenarios.map((scenario) => ({
  ...scenario,
  prepare: (world) => {
    startedLately(world);
    scenario.prepare(world);
  },
}));
