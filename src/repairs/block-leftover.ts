import type { MonitorAnswer, RuntimeDrive } from '../commands/block-monitor.ts';
import { dropLeftovers, monitorBlock, monitorObjects } from '../commands/block-monitor.ts';
import { vmConfig } from '../commands/proxmox-vm.ts';
import type { Finding } from '../core/finding.ts';
import { changes, uses } from '../core/hold.ts';
import type { Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import type { Site } from '../core/site.ts';

export interface LeftoverSituation {
  readonly site: Site;
  readonly node: string;
  readonly vmid: number;
  readonly slot: number;
  readonly because: Finding;
}

/**
 * One step, for the drive that was left behind is listed neither before nor after: whether it was dropped shows in its object alone. Neither
 * holds data.
 */
export function dropLeftover(situation: LeftoverSituation): Step | undefined {
  const { site, node, vmid, slot, because } = situation;
  const { hypervisor } = site;
  if (hypervisor?.api === undefined) return undefined;
  const { host, api } = hypervisor;
  const object = `throttle-drive-scsi${slot}`;
  return {
    title: `Drop drive-scsi${slot} and ${object}, which were left in the QEMU of ${node}`,
    because,
    before: [
      check(`scsi${slot} is not in the configuration of machine ${vmid}`, vmConfig(api, vmid), ({ slots }) =>
        slots.every((each) => each.slot !== `scsi${slot}`),
      ),
      check(`QEMU of machine ${vmid} has no disk as scsi${slot}`, monitorBlock(host, vmid), hasNone(slot)),
      check(`It still has ${object}`, monitorObjects(host, vmid), (answer) => answer.answers && answer.has.includes(object)),
    ],
    change: dropLeftovers(host, vmid, slot),
    after: verify(
      `QEMU of machine ${vmid} has no ${object} any more`,
      monitorObjects(host, vmid),
      (answer) => answer.answers && !answer.has.includes(object),
    ),
    undo: noUndo('Not needed: the next disk in that slot makes its own.'),
    holds: [changes('vm', `${vmid}`), uses('node', node)],
  };
}

function hasNone(slot: number): (answer: MonitorAnswer<RuntimeDrive>) => boolean {
  return (answer) => answer.answers && answer.has.every((drive) => drive.slot !== `scsi${slot}`);
}
