import { slotValue, volumeNamed } from '../site/block.ts';
import type { Vm } from '../site/hypervisor.ts';
import type { LabNode } from '../site/node.ts';
import { writeTask } from '../site/vm-tasks.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';

/** The node that all of these happen to. */
export const NAME = 'k8s-node3';
export const NODES = kind('v1', 'nodes');
export const MINUTE_MS = 60_000;

export function machineOf(world: World, name = NAME): { readonly node: LabNode; readonly vm: Vm } {
  const node = nodeOf(world, name);
  const vm = world.hypervisor.vms.get(node.vmid);
  if (vm === undefined) throw new Error(`The lab has no machine of ${name}`);
  return { node, vm };
}

/** Nothing of it answers any more; what its machine does is another matter. */
export function fallSilent(world: World): Vm {
  const { node, vm } = machineOf(world);
  Object.assign(node, { isUp: false, sshAnswers: false });
  world.cluster.setReady(node, 'Unknown');
  return vm;
}

/** The start of the machine is the first thing in Proxmox's list of what was done with it. */
export function startedLately(world: World): void {
  writeTask(world, machineOf(world).vm, { type: 'qmstart', user: 'root@pam', status: 'OK' });
}

/** Less than the cluster waits before it makes the pods anew elsewhere. */
export function letPass(world: World): void {
  world.time.advance(2 * MINUTE_MS);
}

/** Its system stands still, and with it everything that it writes. */
export function standStill(world: World, qmpStatus: Vm['runtime']['qmpStatus']): void {
  const vm = fallSilent(world);
  vm.runtime.qmpStatus = qmpStatus;
  vm.quietSinceMs = world.time.nowMs;
  letPass(world);
}

/** QEMU answers, nothing is written, and the disk under it is idle. */
export function stall(world: World): void {
  fallSilent(world).quietSinceMs = world.time.nowMs - 87 * MINUTE_MS;
  world.hypervisor.diskBusyPercent = 5.2;
  letPass(world);
}

export const NODE_DOWN = { alertname: 'NodeDown', instance: '10.0.20.103:9100', severity: 'critical' };

export function taint(world: World): void {
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
  world.store.patch({ resource: NODES, name: NAME }, { spec: { taints } });
}

export function setReady(world: World, condition: Readonly<Record<string, string>>): void {
  world.store.patch({ resource: NODES, name: NAME }, { status: { conditions: [{ type: 'Ready', ...condition }] } });
}

/** Gives the disk of another machine to this one as well, in its configuration alone. */
export function shareDisk(world: World): void {
  const { vm } = machineOf(world);
  const { vm: other } = machineOf(world, 'k8s-node4');
  const [value] = [...other.config.values()].filter((text) => text.includes('vm-9999-'));
  const volume = volumeNamed(world.hypervisor, value?.split(',')[0]?.split(':')[1] ?? '');
  if (volume === undefined) throw new Error('The other machine has no disk of the block driver');
  vm.config.set('scsi20', slotValue(volume, 20));
}
