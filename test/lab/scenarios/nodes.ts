import { power, turnOff } from '../site/power.ts';
import { writeTask } from '../site/vm-tasks.ts';
import {
  fallSilent,
  letPass,
  MINUTE_MS,
  machineOf,
  NAME,
  NODE_DOWN,
  NODES,
  setReady,
  shareDisk,
  stall,
  standStill,
  startedLately,
  taint,
} from './node-changes.ts';
import type { Scenario } from './scenario.ts';

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
    prepare: stall,
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
    name: 'node-crashed-while-snapshots-are-taken',
    says: 'The QEMU of a node has an internal error, while the nightly job takes snapshots of all volumes.',
    prepare: (world) => {
      standStill(world, 'internal-error');
      const work = { beganMs: world.time.nowMs - 20_000, runsMs: 600_000, limitMs: 3_600_000, exitCode: 0, says: '' };
      world.longWork.units.set('pve/lvm-pvc-snapshot.service', work);
    },
  },
  {
    name: 'node-stalled-while-machines-are-backed-up',
    says: 'The block layer in the QEMU of a node is stuck, while Proxmox backs up one machine after the other.',
    prepare: (world) => {
      stall(world);
      writeTask(world, { vmid: '' }, { type: 'vzdump', user: 'root@pam', status: 'RUNNING' });
    },
  },
  {
    name: 'node-crashed-in-maintenance',
    says: 'The QEMU of a node has an internal error, and an alert says that somebody works on the nodes.',
    prepare: (world) => {
      standStill(world, 'internal-error');
      world.monitoring.firing.push(NODE_DOWN, { alertname: 'NodeMaintenanceInProgress', severity: 'info' });
    },
  },
  {
    name: 'node-off-without-power',
    says: 'The QEMU of a node ended by itself, and the site runs on its battery.',
    prepare: (world) => {
      turnOff(world, machineOf(world).vm);
      letPass(world);
      world.monitoring.firing.push(NODE_DOWN, { alertname: 'PowerOutage', severity: 'critical' });
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
