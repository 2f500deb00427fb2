import { unitActivity } from '../../src/commands/host-units.ts';
import { type NodeState, OUT_OF_SERVICE, setTaints, type Taint } from '../../src/commands/node-state.ts';
import { restartKubelet } from '../../src/commands/port-holders.ts';
import { resumeVmByApi, startVmByApi, stopVmByApi, vmCurrent } from '../../src/commands/proxmox-vm.ts';
import type { Host } from '../../src/core/command.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../src/core/plan.ts';
import {
  becomesReady,
  doesNotReport,
  hasBootDisk,
  hasNoVolume,
  hasTaints,
  isOff,
  isOwn,
  isReady,
  kubeletRuns,
  losesNoVolume,
  othersReport,
} from './checks.ts';
import type { Machine } from './facts.ts';

/** What a step is about: the node, its machine and why. */
export interface About {
  readonly because: Finding;
  readonly name: string;
  readonly node: NodeState;
  readonly machine: Machine;
  /** The volumes that the cluster believes to be attached to it. */
  readonly volumes: readonly string[];
}

function holdsOf({ name, machine, volumes }: About): [Hold, ...Hold[]] {
  return [changes('node', name), changes('vm', `${machine.vmid}`), ...volumes.map((volume) => changes('pv', volume))];
}

/** The power switch off, which alone makes sure that nothing of it is written any more. */
export function stopStep(about: About, stillSo: readonly Check[]): Step {
  const { because, name, machine, node } = about;
  const { api, vmid } = machine;
  return {
    title: `Turn virtual machine ${vmid} of ${name} off`,
    because,
    before: [doesNotReport(name), othersReport(name), hasBootDisk(machine, node), ...stillSo],
    change: stopVmByApi(api, vmid),
    after: within(
      60_000,
      verify(`Virtual machine ${vmid} is off`, vmCurrent(api, vmid), ({ status }) => status === 'stopped'),
    ),
    undo: noUndo('What it had in its memory is gone. It is started again by a step of its own.'),
    holds: holdsOf(about),
    warnings: ['What its programs have not written yet is lost, as when a power cord is pulled.'],
  };
}

/** Only for a machine that is off: its pods are forgotten and its volumes given to other nodes at once. */
export function taintStep(about: About, fence: readonly Check[]): Step {
  const { because, name, machine, node, volumes } = about;
  const { taints } = node;
  return {
    title: `Mark ${name} as out of service, so that its pods and volumes move`,
    because,
    before: [isOwn(machine, node), isOff(machine), ...fence, doesNotReport(name), othersReport(name), hasTaints(name, taints)],
    change: setTaints(name, [...taints, OUT_OF_SERVICE]),
    after: { ...hasNoVolume(name), withinMs: 180_000 },
    undo: noUndo('Its volumes are with other nodes then. Once it is started and ready, this runbook takes the mark away.'),
    holds: holdsOf(about),
    warnings: [
      `Every pod on ${name} is deleted by force, and ${volumes.length} volumes are taken from it.`,
      'Nobody may start the machine by hand before the volumes have moved.',
    ],
  };
}

export function startStep(about: About, stillSo: readonly Check[]): Step {
  const { because, name, machine, node } = about;
  const { api, vmid } = machine;
  return {
    title: `Start virtual machine ${vmid} of ${name}`,
    because,
    before: [isOff(machine), doesNotReport(name), hasBootDisk(machine, node), ...stillSo],
    change: startVmByApi(api, vmid),
    after: within(300_000, becomesReady(name)),
    undo: noUndo('A node that runs is not cut off again for nothing.'),
    holds: holdsOf(about),
    warnings: ['If somebody works on it, deny this and ask them.'],
  };
}

export function resumeStep(about: About, stillSo: readonly Check[]): Step {
  const { because, name, machine, node } = about;
  return {
    title: `Let virtual machine ${machine.vmid} of ${name} go on`,
    because,
    before: [doesNotReport(name), isOwn(machine, node), ...stillSo],
    change: resumeVmByApi(machine.api, machine.vmid),
    after: within(120_000, becomesReady(name)),
    undo: noUndo('A machine that goes on is not stopped again for nothing.'),
    holds: holdsOf(about),
    warnings: ['It goes on in the middle of what it did, and writes what it wanted to write then.'],
  };
}

/** Its taints as they were seen: a change of taints replaces them all. */
export function untaintStep(host: Host, because: Finding, taints: readonly Taint[]): Step {
  const { name } = host;
  const others = taints.filter(({ key }) => key !== OUT_OF_SERVICE.key);
  return {
    title: `Take the mark “out of service” from ${name}`,
    because,
    before: [isReady(name), kubeletRuns(host), losesNoVolume(name), hasTaints(name, taints)],
    change: setTaints(name, others),
    after: { ...hasTaints(name, others), withinMs: 30_000 },
    undo: noUndo('A node that runs must not be marked as out of service: its volumes would be given to others while it writes.'),
    holds: [changes('node', name)],
  };
}

export function kubeletStep(host: Host, because: Finding): Step {
  const { name } = host;
  return {
    title: `Restart kubelet on ${name}`,
    because,
    before: [
      doesNotReport(name),
      othersReport(name),
      check(`${name} answers, and has a kubelet`, unitActivity(host, 'kubelet.service'), (activity) => activity !== 'absent'),
    ],
    change: restartKubelet(host),
    after: within(120_000, becomesReady(name)),
    undo: noUndo('The kubelet of before did not report.'),
    holds: [changes('node', name)],
    warnings: ['Containers of pods that were deleted meanwhile end; those of living pods go on.'],
  };
}
