import { blockMounts } from '../commands/block-devices.ts';
import type { LogicalVolume } from '../commands/logical-volumes.ts';
import { logicalVolumes } from '../commands/logical-volumes.ts';
import type { VmSlot } from '../commands/proxmox-vm.ts';
import { vmConfig, vmCurrent } from '../commands/proxmox-vm.ts';
import { trimFileSystem } from '../commands/thin-pool-repairs.ts';
import type { Host } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import { changes, uses } from '../core/hold.ts';
import type { Step } from '../core/plan.ts';
import { check, noUndo, verify, within } from '../core/plan.ts';
import type { HypervisorApi } from '../core/site.ts';

export interface TrimSituation {
  readonly because: Finding;
  readonly hypervisor: Host;
  readonly api: HypervisorApi;
  readonly vmid: number;
  readonly node: Host;
  readonly slot: VmSlot;
  readonly mountPoint: string;
  readonly claim: string;
  readonly volume: LogicalVolume;
  /** How many snapshots share blocks with the volume. */
  readonly snapshots: number;
}

/** Without it QEMU ignores what the guest gives back. */
export function passesDiscard({ options }: Pick<VmSlot, 'options'>): boolean {
  return options['discard'] === 'on';
}

/** Gives the blocks of deleted files back to the thin pool. */
export function trimStep(situation: TrimSituation): Step {
  const { because, hypervisor, api, vmid, node, slot, mountPoint, claim, volume } = situation;
  const { vg, name, dataPercent = 100 } = volume;
  return {
    title: `Trim the file system of ${claim} on ${node.name}`,
    because,
    before: [
      check(`${claim} is mounted at ${mountPoint} and can be written to`, blockMounts(node), (all) =>
        all.some((each) => each.mountPoint === mountPoint && !each.readOnly && !each.fileSystemReadOnly),
      ),
      check(`Machine ${vmid} passes on what is given back for ${slot.slot}, which is ${name}`, vmConfig(api, vmid), (config) =>
        config.slots.some((each) => each.slot === slot.slot && each.volume === slot.volume && passesDiscard(each)),
      ),
      check(
        `Machine ${vmid} runs, and nothing holds a lock on it, such as a backup or a migration`,
        vmCurrent(api, vmid),
        ({ qmpStatus, lock }) => qmpStatus === 'running' && lock === undefined,
      ),
      check(`${vg}/${name} takes at least ${dataPercent} % of its size, as it did`, logicalVolumes(hypervisor, vg), (all) =>
        all.some((each) => each.name === name && (each.dataPercent ?? 0) >= dataPercent),
      ),
    ],
    change: trimFileSystem(node, mountPoint),
    after: within(
      60_000,
      verify(`${vg}/${name} takes less of its pool than ${dataPercent} % of its size`, logicalVolumes(hypervisor, vg), (all) =>
        all.some((each) => each.name === name && each.dataPercent !== undefined && each.dataPercent < dataPercent),
      ),
    ),
    undo: noUndo('What is given back held no file: there is nothing to take back.'),
    holds: [changes('lv', `${vg}/${name}`), uses('node', node.name), uses('vm', `${vmid}`), uses('pvc', claim)],
    warnings: warningsOf(situation),
  };
}

function warningsOf({ claim, snapshots }: TrimSituation): string[] {
  const slow = `The disk of ${claim} is slower while this runs, which can take minutes.`;
  if (snapshots === 0) return [slow];
  return [
    slow,
    `${snapshots === 1 ? 'A snapshot shares' : `${snapshots} snapshots share`} blocks with it: the pool gets those back only when they are gone.`,
  ];
}
