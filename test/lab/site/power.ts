import { startRuntime, stopRuntime } from './block.ts';
import { loadExports } from './exports.ts';
import { type LabTask, NAS_VMID, type Vm } from './hypervisor.ts';
import { reboot } from './kubelet.ts';
import { kernelSays, type LabNode } from './node.ts';
import { writeTask } from './vm-tasks.ts';
import type { World } from './world.ts';

/** How long a machine takes until its services answer. */
const BOOT_MS = 20_000;

const REPORTS_AFTER_MS = 10_000;

export type PowerAction = 'start' | 'stop' | 'reset' | 'resume';

/** What a person or program does to a machine through Proxmox. */
export interface PowerRequest {
  readonly action: PowerAction;
  /** `root@pam`, or `user@realm!token`. */
  readonly user: string;
}

/** Does it as a task, which says how it ended. */
export function power(world: World, vm: Vm, { action, user }: PowerRequest): LabTask {
  const problem = problemWith(vm, action);
  if (problem === undefined) perform(world, vm, action);
  return writeTask(world, vm, { type: `qm${action}`, user, status: problem ?? 'OK' });
}

/** As qemu-server says it when it dies of it. */
function problemWith(vm: Vm, action: PowerAction): string | undefined {
  if (vm.lock !== undefined) return `VM is locked (${vm.lock})`;
  if (action === 'start') {
    if (vm.status === 'running') return `VM ${vm.vmid} already running`;
    return vm.config.has('scsi0') ? undefined : 'bootorder: disk scsi0 does not exist';
  }
  // To stop what is stopped is no error.
  return action !== 'stop' && vm.status !== 'running' ? `VM ${vm.vmid} not running` : undefined;
}

function perform(world: World, vm: Vm, action: PowerAction): void {
  switch (action) {
    case 'start':
      return boot(world, vm);
    case 'reset':
      if (world.hypervisor.resetWorks) boot(world, vm);
      return;
    case 'resume':
      if (vm.runtime.qmpStatus === 'io-error' && isFull(world.hypervisor)) return;
      return goOn(world, vm);
    case 'stop':
      turnOff(world, vm);
  }
}

function nodeOn({ nodes }: World, { vmid }: Vm): LabNode | undefined {
  return [...nodes.values()].find((node) => node.vmid === vmid);
}

function boot(world: World, vm: Vm): void {
  if (vm.status === 'stopped') startRuntime(world.hypervisor, vm);
  Object.assign(vm, { status: 'running', boots: true });
  delete vm.quietSinceMs;
  vm.runtime.qmpStatus = 'running';
  const node = nodeOn(world, vm);
  if (node !== undefined) reboot(world.cluster, node, { downMs: BOOT_MS });
  world.time.after(BOOT_MS, () => {
    vm.boots = false;
    if (vm.vmid === NAS_VMID) nasIsBack(world);
  });
}

/** Its system goes on where it stood, and its kubelet reports within seconds. */
function goOn(world: World, vm: Vm): void {
  vm.runtime.qmpStatus = 'running';
  delete vm.quietSinceMs;
  const node = nodeOn(world, vm);
  if (node === undefined || node.isUp) return;
  Object.assign(node, { isUp: true, sshAnswers: true });
  world.time.after(REPORTS_AFTER_MS, () => world.cluster.setReady(node, 'True'));
}

/** Without a task, as when its QEMU dies. */
export function turnOff(world: World, vm: Vm): void {
  if (vm.status === 'stopped') return;
  stopRuntime(world.hypervisor, vm);
  Object.assign(vm, { status: 'stopped', boots: false, quietSinceMs: world.time.nowMs });
  const node = nodeOn(world, vm);
  if (node === undefined) return;
  node.mounts.length = 0;
  node.staged.length = 0;
  node.processes.length = 0;
  Object.assign(node, { isUp: false, sshAnswers: false });
  world.cluster.setReady(node, 'Unknown');
}

/** Its services start by themselves; a client that waits for ever says that the server answers again. */
function nasIsBack({ nas, nodes, time }: World): void {
  Object.assign(nas.services, { nfsd: true, mountd: true });
  loadExports(nas, time.nowMs);
  for (const node of nodes.values()) {
    const waits = node.kernelLog.at(-1)?.endsWith(`nfs: server ${nas.address} not responding, still trying`);
    if (waits === true) kernelSays(node, time.nowMs, `nfs: server ${nas.address} OK`);
  }
}

/** The write that QEMU repeats fails again. */
function isFull({ thinPool }: World['hypervisor']): boolean {
  return thinPool.attributes[8] !== '-' || thinPool.dataPercent >= 100;
}
