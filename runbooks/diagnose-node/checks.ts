import { type VolumeAttachment, volumeAttachments } from '../../src/commands/block-attachments.ts';
import { monitorBlock } from '../../src/commands/block-monitor.ts';
import { unitActivity } from '../../src/commands/host-units.ts';
import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import { type NodeState, nodeStates, type Taint } from '../../src/commands/node-state.ts';
import { endedWell, vmTasks } from '../../src/commands/proxmox-tasks.ts';
import { vmConfig, vmCurrent, vmRates } from '../../src/commands/proxmox-vm.ts';
import { type ThinPool, thinPools } from '../../src/commands/thin-pool.ts';
import type { Host } from '../../src/core/command.ts';
import type { Check, Verification } from '../../src/core/plan.ts';
import { check, verify } from '../../src/core/plan.ts';
import type { Machine } from './facts.ts';
import { bootsFrom, isDiskOf, isItsMachine, lastPower, quietMinutes, STALLED_MINUTES, sharedDisk } from './facts.ts';

function ofNode(name: string, says: string, holds: (node: NodeState) => boolean): Check {
  return check(says, nodeStates(), (nodes) => nodes.some((node) => node.name === name && holds(node)));
}

export function doesNotReport(name: string): Check {
  const says = `The kubelet of ${name} does not report, and nobody set the node aside`;
  return ofNode(name, says, ({ ready, isSetAside }) => ready === 'Unknown' && !isSetAside);
}

/** Where most nodes are silent, what they share is ill: the network, the API server. */
export function othersReport(name: string): Check {
  return check(`Most nodes besides ${name} are ready`, nodeStates(), (nodes) => areMostReady(othersOf(name, nodes)));
}

export function othersOf(name: string, nodes: readonly NodeState[]): readonly NodeState[] {
  return nodes.filter((node) => node.name !== name);
}

export function areMostReady(nodes: readonly NodeState[]): boolean {
  return nodes.filter(({ ready }) => ready === 'True').length * 2 > nodes.length;
}

export function kubeletRuns(host: Host): Check {
  return check(`${host.name} answers, and its kubelet runs`, unitActivity(host, 'kubelet.service'), (is) => is === 'runs');
}

export function hasNoVolume(name: string): Check {
  return check(
    `No volume is attached to ${name} any more`,
    volumeAttachments(),
    (attachments) => !attachments.some(({ node }) => node === name),
  );
}

export function losesNoVolume(name: string): Check {
  return check(
    `No volume is just being taken from ${name}`,
    volumeAttachments(),
    (attachments) => !attachments.some(({ node, deleting }) => node === name && deleting),
  );
}

export function isReady(name: string): Check {
  return ofNode(name, `${name} is ready`, ({ ready }) => ready === 'True');
}

export function becomesReady(name: string): Verification {
  return verify(`${name} is ready`, nodeStates(), (nodes) => nodes.some((node) => node.name === name && node.ready === 'True'));
}

/** The controller of the cluster adds and takes away those of nodes that do not report. */
export function hasTaints(name: string, taints: readonly Taint[]): Check {
  const wanted = textOf(taints);
  return ofNode(
    name,
    `${name} has ${taints.length === 0 ? 'no taints' : `the taints ${wanted}`}`,
    (node) => textOf(node.taints) === wanted,
  );
}

function textOf(taints: readonly Taint[]): string {
  const words = taints.map(({ key, value, effect }) => `${key}${value === undefined ? '' : `=${value}`}:${effect}`);
  return words.toSorted().join(', ');
}

export function isOff({ api, vmid }: Machine): Check {
  return check(
    `Virtual machine ${vmid} is off, and nothing holds its lock`,
    vmCurrent(api, vmid),
    ({ status, lock }) => status === 'stopped' && lock === undefined,
  );
}

export function isInState({ api, vmid }: Machine, wanted: string): Check {
  return check(
    `QEMU says ${wanted} of virtual machine ${vmid}, and nothing holds its lock`,
    vmCurrent(api, vmid),
    ({ status, qmpStatus, lock }) => status === 'running' && qmpStatus === wanted && lock === undefined,
  );
}

/** The task of Proxmox that turned it off ended well, and nobody used the switch since. */
export function wasStopped({ api, vmid }: Machine): Check {
  return check(`The last use of its power switch is a stop that ended well`, vmTasks(api, vmid), (tasks) => {
    const last = lastPower(tasks);
    return last?.type === 'qmstop' && endedWell(last.status);
  });
}

export function isOwn({ api, vmid }: Machine, node: NodeState): Check {
  const says = `Virtual machine ${vmid} is that of ${node.name}`;
  return check(says, vmConfig(api, vmid), (config) => isItsMachine(node, config));
}

/** A machine without it would not come back; one of another name is not the node's. */
export function hasBootDisk({ api, vmid }: Machine, node: NodeState): Check {
  return check(
    `Virtual machine ${vmid} is that of ${node.name} and has the disk that it boots from`,
    vmConfig(api, vmid),
    (config) => isItsMachine(node, config) && bootsFrom(config) !== undefined,
  );
}

/** One check for each of the other nodes' machines, and one for nodes whose machines are not known. */
export function hasNoDiskOf(name: string, { api, vmid, others }: Machine, disks: readonly string[]): readonly Check[] {
  const ofMachines = others.map((other) =>
    check(
      `Virtual machine ${other.vmid} has none of the disks of ${vmid}`,
      vmConfig(api, other.vmid),
      (config) => sharedDisk(disks, config) === undefined,
    ),
  );
  const says = `The cluster has given no volume on the disks of ${vmid} to another node`;
  return [...ofMachines, check(says, volumeAttachments(), (all) => givenAway(name, disks, all) === undefined)];
}

/** The first that the cluster believes to be elsewhere. */
export function givenAway(
  name: string,
  disks: readonly string[],
  all: readonly VolumeAttachment[],
): VolumeAttachment | undefined {
  return all.find(
    ({ node, persistentVolume: volume }) => node !== name && volume !== undefined && disks.some((disk) => isDiskOf(volume, disk)),
  );
}

/** What proves that a machine is off, whatever Proxmox says: a QEMU has its disks open as long as it lives. */
export function hasNothingOpen(vmid: number, disks: readonly string[], { host, vg }: { host: Host; vg: string }): Check {
  return check(
    `Nothing on ${host.name} has open any of the ${disks.length} disks of virtual machine ${vmid}`,
    logicalVolumes(host, vg),
    (all) => !all.some(({ name, isOpen }) => isOpen && disks.includes(name)),
  );
}

export function qemuAnswers(host: Host, { vmid }: Machine): Check {
  return check(`QEMU of virtual machine ${vmid} answers`, monitorBlock(host, vmid), ({ answers }) => answers);
}

export function writesNothing({ api, vmid }: Machine): Check {
  return check(
    `Virtual machine ${vmid} read and wrote nothing in the last ${STALLED_MINUTES} minutes`,
    vmRates(api, vmid),
    (rates) => (quietMinutes(rates) ?? 0) >= STALLED_MINUTES,
  );
}

/** Every thin pool of the host can still be written to. */
export function poolsHaveRoom(host: Host): Check {
  return check(`The thin pools of ${host.name} have room and are well`, thinPools(host), haveRoom);
}

export function haveRoom(pools: readonly ThinPool[]): boolean {
  return pools.every(
    ({ attributes, dataPercent, metadataPercent }) =>
      dataPercent < 99 && metadataPercent < 99 && !/[DMF]/.test(attributes.charAt(8)),
  );
}
