import type { MonitorAnswer, RuntimeDrive } from '../commands/block-monitor.ts';
import { dropDrive, dropObject, monitorBlock, monitorObjects } from '../commands/block-monitor.ts';
import { vmConfig } from '../commands/proxmox-vm.ts';
import type { Finding } from '../core/finding.ts';
import { changes, uses } from '../core/hold.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import type { Site } from '../core/site.ts';

export interface LeftoverSituation {
  readonly site: Site;
  readonly node: string;
  readonly vmid: number;
  readonly slot: number;
  readonly because: Finding;
}

/** First the drive, then its object, which QEMU says is in use before. Neither holds data. */
export function dropLeftover(situation: LeftoverSituation): readonly Step[] {
  const { site, node, vmid, slot, because } = situation;
  const { hypervisor } = site;
  if (hypervisor?.api === undefined) return [];
  const { host, api } = hypervisor;
  const object = `throttle-drive-scsi${slot}`;
  const unused: readonly [Check, Check, Check] = [
    check(`scsi${slot} is not in the configuration of machine ${vmid}`, vmConfig(api, vmid), ({ slots }) =>
      slots.every((each) => each.slot !== `scsi${slot}`),
    ),
    check(`QEMU of machine ${vmid} has no disk as scsi${slot}`, monitorBlock(host, vmid), hasNone(slot)),
    check(`It still has ${object}`, monitorObjects(host, vmid), (answer) => answer.answers && answer.has.includes(object)),
  ];
  const about = {
    because,
    before: unused,
    undo: noUndo('Not needed: the next disk in that slot makes its own.'),
    holds: [changes('vm', `${vmid}`), uses('node', node)],
  } as const;
  return [
    {
      ...about,
      title: `Drop what is left of drive-scsi${slot} in the QEMU of ${node}`,
      change: dropDrive(host, vmid, slot),
      after: verify(`QEMU of machine ${vmid} answers and has no disk as scsi${slot}`, monitorBlock(host, vmid), hasNone(slot)),
      warnings: ['Only once it is gone does QEMU let its throttle object go.'],
    },
    {
      ...about,
      title: `Drop ${object} in the QEMU of ${node}`,
      change: dropObject(host, vmid, slot),
      after: verify(
        `QEMU of machine ${vmid} has no ${object} any more`,
        monitorObjects(host, vmid),
        (answer) => answer.answers && !answer.has.includes(object),
      ),
    },
  ];
}

function hasNone(slot: number): (answer: MonitorAnswer<RuntimeDrive>) => boolean {
  return (answer) => answer.answers && answer.has.every((drive) => drive.slot !== `scsi${slot}`);
}
