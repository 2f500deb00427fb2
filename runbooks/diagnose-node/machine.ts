import type { NodeState } from '../../src/commands/node-state.ts';
import { isOutOfService } from '../../src/commands/node-state.ts';
import type { VmConfig } from '../../src/commands/proxmox-vm.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { isItsMachine, quietMinutes, STALLED_MINUTES, workOn } from './facts.ts';
import { off, type Situation } from './off.ts';

/** What the state of its machine says of a node that does not report and does not answer. */
export function ofMachine(facts: Facts, node: NodeState, nodes: Known<unknown>): Finding<Code> | undefined {
  const { name, machine } = facts;
  if (machine === undefined || !machine.current.known || !machine.config.known) return undefined;
  const { current, config, tasks } = machine;
  if (!isItsMachine(node, config.value)) return another({ name, vmid: machine.vmid, config, nodes });
  const situation: Situation = { name, machine, config, proofs: [nodes, current, config] };
  const { lock, status, qmpStatus } = current.value;
  if (lock !== undefined) return locked(situation, `is locked (${lock})`);
  const work = tasks.known ? workOn(tasks.value) : undefined;
  if (tasks.known && work !== undefined)
    return locked(situation, `is just being worked on (${work.type} by ${work.user})`, tasks);
  if (status === 'stopped') return isOutOfService(node) ? fenced(situation) : off(situation);
  return running(situation, qmpStatus, hasAnswer(facts));
}

/** That its system may answer: it only refuses the bot. */
function hasAnswer({ kubelet }: Facts): boolean {
  return !kubelet.known && !['unreachable', 'timed-out', 'cut'].includes(kubelet.why.failed);
}

interface Another {
  readonly name: string;
  readonly vmid: number;
  readonly config: Known<VmConfig>;
  readonly nodes: Known<unknown>;
}

function another({ name, vmid, config, nodes }: Another): Finding<Code> {
  const called =
    config.value.name === name ? 'has another UUID than the node' : `is called ${config.value.name ?? 'nothing'} and not ${name}`;
  return {
    code: 'another-machine',
    subject: name,
    says: `${name} does not report, and virtual machine ${vmid}, which the configuration of the bot names for it, ${called}`,
    remedy: `Nothing is concluded from a machine that is not its own: correct site.hypervisor.nodeVmids, then ask again.`,
    doNot: 'Do not mark the node as out of service because that machine is off: its own may run and write.',
    seen: [nodes, config],
  };
}

function locked({ name, machine, proofs }: Situation, how: string, ...more: readonly Known<unknown>[]): Finding<Code> {
  return {
    code: 'machine-locked',
    subject: name,
    says: `Virtual machine ${machine.vmid} of ${name} ${how}: Proxmox does something with it`,
    remedy: `Wait for the end of it, and look at its task in Proxmox. If there is none: qm unlock ${machine.vmid}, by a person who made sure.`,
    doNot: 'Do not unlock a machine whose backup or migration still runs.',
    seen: [...proofs, ...more],
  };
}

function fenced({ name, machine, proofs }: Situation): Finding<Code> {
  return {
    code: 'fenced',
    subject: name,
    says: `${name} is marked as out of service, and its virtual machine ${machine.vmid} is off`,
    remedy: 'Start it again when it is wanted; then the mark is taken away.',
    doNot: 'Do not take the mark away before it runs and is ready.',
    seen: proofs,
  };
}

const CRASHED: readonly string[] = ['internal-error', 'guest-panicked', 'shutdown', 'watchdog'];

function running(situation: Situation, qmpStatus: string, mayAnswer: boolean): Finding<Code> | undefined {
  const { name, machine, proofs } = situation;
  const { vmid } = machine;
  const about = { subject: name, seen: proofs };
  if (qmpStatus === 'running') return byItsWrites(situation, mayAnswer);
  if (qmpStatus === 'paused') {
    return {
      ...about,
      code: 'machine-paused',
      says: `Virtual machine ${vmid} of ${name} is paused, and nothing holds its lock: it stands still in the middle of what it did`,
      remedy: 'Let it go on, if no other machine has one of its disks by now.',
      doNot: 'Do not mark it as out of service: it would go on writing when somebody lets it go on.',
    };
  }
  if (qmpStatus === 'io-error') {
    return {
      ...about,
      code: 'machine-io-error',
      says: `QEMU stopped virtual machine ${vmid} of ${name} because the storage under it refused a write`,
      remedy: 'Look at the thin pool first: diagnose capacity. When it has room, let the machine go on: the write is done again.',
      doNot: 'Do not stop or reset it: what it wanted to write would be lost.',
    };
  }
  if (!CRASHED.includes(qmpStatus)) return undefined;
  return {
    ...about,
    code: 'machine-crashed',
    says: `QEMU of virtual machine ${vmid} of ${name} runs, and its system does not (${qmpStatus})`,
    remedy: 'Stop the machine, so that it surely writes no more; then mark the node as out of service, and start it again.',
    doNot: 'Do not mark it as out of service before it is stopped.',
  };
}

/** The disk under it has time, so that a machine that waits for its turn is not taken for one that is stuck. */
const IDLE_PERCENT = 80;

function byItsWrites({ name, machine, proofs }: Situation, mayAnswer: boolean): Finding<Code> | undefined {
  const { vmid, rates, diskBusy, drives } = machine;
  const quiet = rates.known ? quietMinutes(rates.value) : undefined;
  if (!rates.known || quiet === undefined) return undefined;
  if (quiet < STALLED_MINUTES) {
    return {
      code: 'still-writing',
      subject: name,
      says: `Virtual machine ${vmid} of ${name} runs and used its disks ${quiet === 0 ? 'in the last minute' : `${quiet} minutes ago`}`,
      remedy: 'Look at its network and its console in Proxmox. If it has just been started, look again in a minute.',
      doNot: 'Do not mark it as out of service and do not detach its volumes: two systems would write to them.',
      seen: [...proofs, rates],
    };
  }
  // Of a QEMU that does not answer Proxmox writes down zeros, whatever it does.
  if (mayAnswer || drives?.known !== true || !drives.value.answers) return undefined;
  if (diskBusy?.known !== true || diskBusy.value >= IDLE_PERCENT) return undefined;
  return {
    code: 'machine-stalled',
    subject: name,
    says: `QEMU of virtual machine ${vmid} of ${name} answers, nothing was read or written for ${quiet} minutes or more, and the disk under it is idle (${diskBusy.value} %): its block layer is stuck`,
    remedy: 'Keep what QEMU says of its drives, then stop the machine and start it: a new QEMU is not stuck.',
    doNot:
      'Do not reset it first: the same QEMU goes on and what could be seen is gone. It is neither the NAS nor the thin pool.',
    seen: [...proofs, rates, drives, diskBusy],
  };
}
