import { monitorBlock } from '../../../src/commands/block-monitor.ts';
import { clockOf } from '../../../src/commands/node-system.ts';
import type { VmConfig, VmSlot } from '../../../src/commands/proxmox-vm.ts';
import { attachSlot, unlinkSlot, vmConfig, vmCurrent } from '../../../src/commands/proxmox-vm.ts';
import type { Host } from '../../../src/core/command.ts';
import { commandLine, show } from '../../../src/core/command.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { allHolds } from '../../../src/core/hold.ts';
import type { Check, Step, Verification } from '../../../src/core/plan.ts';
import { check, within } from '../../../src/core/plan.ts';
import type { HypervisorApi, Site } from '../../../src/core/site.ts';
import { objectionTo } from '../../../src/topology/block-clearance.ts';
import type { Chain } from '../../../src/topology/block-links.ts';
import type { BlockLook } from '../../../src/topology/block-look.ts';
import { diskIn } from '../../../src/topology/block-names.ts';
import { isNowhere, mayStill } from '../../../src/topology/block-recheck.ts';
import { changesDisk } from './holds.ts';

/** How long after the first look the second one is made. */
export const SECOND_LOOK_S = 60;

export interface GhostSituation {
  readonly site: Site;
  readonly look: BlockLook;
  readonly slot: VmSlot;
  readonly chain: Chain;
  /** The hypervisor's clock at the first look, in seconds since 1970. */
  readonly firstLookS: number;
  readonly because: Finding;
}

/** Undefined where the chain does not allow it. The volume itself stays, whatever becomes of the slot. */
export function emptySlot(situation: GhostSituation): Step | undefined {
  const { site, look, slot, chain, firstLookS, because } = situation;
  const { hypervisor } = site;
  const { vmid, node, subject } = chain;
  if (hypervisor?.api === undefined || vmid === undefined || objectionTo(chain, 'empty-slot') !== undefined) return undefined;
  const place = { api: hypervisor.api, host: hypervisor.host, vmid };
  const [first, ...more] = allHolds(changesDisk(look, chain));
  if (first === undefined) return undefined;
  const again = [
    mayStill('empty-slot', { site, subject, node }),
    hasDisk(place, slot),
    check(`Proxmox holds no lock on machine ${vmid}`, vmCurrent(hypervisor.api, vmid), ({ lock }) => lock === undefined),
    aMinuteLater(hypervisor.host, firstLookS),
  ] as const;
  return {
    title: `Take ${subject.disk} out of ${slot.slot} of the machine of ${node}`,
    because,
    before: again,
    change: unlinkSlot(hypervisor.api, vmid, slot.slot),
    after: isEmpty(place, slot),
    undo: {
      change: attachSlot(hypervisor.api, vmid, slot),
      before: [
        check(
          `${slot.slot} of machine ${vmid} is free`,
          vmConfig(hypervisor.api, vmid),
          (now) => inSlot(now, slot) === undefined,
        ),
        isNowhere({ site, subject, node }),
      ],
      after: within(60_000, { ...hasDisk(place, slot), withinMs: 60_000 }),
      warnings: ['It is a ghost again then: a disk in a slot of which Kubernetes knows nothing.'],
    },
    holds: [first, ...more],
    warnings: [`The logical volume ${subject.disk} and all that is in it stay as they are.`],
  };
}

interface Place {
  readonly api: HypervisorApi;
  readonly host: Host;
  readonly vmid: number;
}

function inSlot({ slots }: VmConfig, { slot }: Pick<VmSlot, 'slot'>): string | undefined {
  const volume = slots.find((each) => each.slot === slot)?.volume;
  return volume === undefined ? undefined : diskIn(volume);
}

function hasDisk({ api, vmid }: Place, slot: VmSlot): Check {
  return check(
    `${slot.slot} of machine ${vmid} has ${diskIn(slot.volume)}`,
    vmConfig(api, vmid),
    (now) => inSlot(now, slot) === diskIn(slot.volume),
  );
}

/** The second of two looks that must be a minute apart: what is on its way has arrived by then. */
export function aMinuteLater(hypervisor: Host, firstLookS: number): Check {
  return check(
    `A minute has passed since the first look, by the clock of ${hypervisor.name}`,
    clockOf(hypervisor),
    (nowS) => nowS >= firstLookS + SECOND_LOOK_S,
  );
}

/** Out of the configuration and out of QEMU. */
function isEmpty({ api, host, vmid }: Place, slot: VmSlot): Verification {
  const [config, drives] = [vmConfig(api, vmid), monitorBlock(host, vmid)];
  return {
    says: `Neither the configuration of machine ${vmid} nor its QEMU has ${slot.slot}`,
    line: [show(config.command), commandLine(drives.command)].join('; '),
    withinMs: 60_000,
    holds: async (read) => {
      const [now, has] = await Promise.all([read(config), read(drives)]);
      if (!now.known) return { answer: 'unknown', seen: now };
      if (inSlot(now.value, slot) !== undefined) return { answer: 'no', seen: now };
      if (!has.known) return { answer: 'unknown', seen: has };
      // The machine may have been off: then there is no QEMU that could have it.
      if (!has.value.answers) return { answer: /not running/.test(has.value.says) ? 'yes' : 'unknown', seen: has };
      return { answer: has.value.has.some((drive) => drive.slot === slot.slot) ? 'no' : 'yes', seen: has };
    },
  };
}
