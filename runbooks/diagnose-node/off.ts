import type { VmConfig, VmCurrent } from '../../src/commands/proxmox-vm.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Machine } from './facts.ts';
import { bootsFrom, disksIn, isMeant, lastPower, sharedDisk } from './facts.ts';

export interface Situation {
  readonly name: string;
  readonly machine: Machine;
  readonly config: Known<VmConfig>;
  /** That the cluster does not hear of the node, in which state its machine is, and that it is its own. */
  readonly proofs: readonly [Known<unknown>, Known<VmCurrent>, Known<VmConfig>];
}

/** What keeps the machine from being started, or who turned it off, or that nobody did. */
export function off(situation: Situation): Finding<Code> | undefined {
  const { name, machine, proofs } = situation;
  const { vmid, tasks } = machine;
  const obstacle = obstacleToStart(situation);
  if (obstacle !== undefined) return obstacle;
  if (!tasks.known) return undefined;
  const last = lastPower(tasks.value);
  if (last === undefined || !isMeant(last, 'off', machine.api)) {
    const why =
      last === undefined
        ? 'and none of the tasks that were seen tells why'
        : 'and nobody turned it off: its QEMU ended by itself, or with the hypervisor';
    return {
      code: 'machine-off',
      subject: name,
      says: `Virtual machine ${vmid} of ${name} is off, ${why}`,
      remedy: 'Start it. Then read the log of the hypervisor for why it ended: journalctl, "Out of memory", "kvm".',
      doNot: 'Do not delete its VolumeAttachments by hand: either it comes back, or it is marked as out of service.',
      seen: [...proofs, tasks],
    };
  }
  return {
    code: 'machine-turned-off',
    subject: name,
    says: `${last.user} turned virtual machine ${vmid} of ${name} off (${last.type} at ${new Date(last.startedMs).toISOString()})`,
    remedy: 'Ask whoever did it. If it stays off, mark the node as out of service, so that its pods and volumes move.',
    doNot: 'Do not start it behind the back of whoever turned it off.',
    seen: [...proofs, tasks],
  };
}

/** A start without its boot disk fails; with a disk of another machine it would destroy what is on it. */
function obstacleToStart({ name, machine, config, proofs }: Situation): Finding<Code> | undefined {
  const { vmid, others } = machine;
  const about = {
    code: 'machine-cannot-start' as const,
    subject: name,
    remedy: 'Mark the node as out of service, so that its pods and volumes move; then mend its configuration.',
  };
  if (bootsFrom(config.value) === undefined) {
    const says = `Virtual machine ${vmid} of ${name} is off, and its configuration has no disk to boot from`;
    return { ...about, says, doNot: 'Do not start it: it would boot from nothing.', seen: proofs };
  }
  for (const other of others) {
    const disk = other.config.known ? sharedDisk(disksIn(config.value), other.config.value) : undefined;
    if (disk === undefined || !other.config.known) continue;
    const says = `Virtual machine ${vmid} of ${name} is off, and virtual machine ${other.vmid} has its disk ${disk} as well`;
    const doNot = `Do not start it: two systems would write to ${disk}, and destroy what is on it.`;
    return { ...about, says, doNot, seen: [...proofs, other.config] };
  }
  return undefined;
}
