import { BLOCK_DRIVER } from '../../../src/commands/block-attachments.ts';
import type { PersistentVolume } from '../../../src/commands/cluster-objects.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Seen } from '../../../src/core/reading.ts';
import { chainOf, proofsOf } from '../../../src/topology/block-chain.ts';
import { objectionTo } from '../../../src/topology/block-clearance.ts';
import { identityOf } from '../../../src/topology/block-identity.ts';
import type { Chain, Link } from '../../../src/topology/block-links.ts';
import type { BlockLook, MachineLook } from '../../../src/topology/block-look.ts';
import { csiSlots, LAST_SLOT, poisonedSlots, usedSlots } from '../../../src/topology/block-machine.ts';
import { diskIn, handleOf } from '../../../src/topology/block-names.ts';
import type { Facts } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';

/** What is the matter with the machine of a node, whichever volume it hits. */
export function diagnoseMachines(facts: Facts): Part {
  const own = facts.look.machines.filter(({ node }) => facts.scope?.nodes.includes(node));
  return together(
    own.flatMap((machine) => [
      otherMachine(machine),
      locked(facts, machine),
      wedged(machine),
      slots(facts, machine),
      ghosts(facts, machine),
      poisoned(machine),
    ]),
  );
}

/** One cause for all that its disks seem to be. */
function otherMachine(machine: MachineLook): Part {
  const { is, says } = identityOf(machine);
  if (is !== 'other') return NOTHING;
  return found(
    {
      code: 'wrong-machine',
      subject: machine.node,
      says,
      remedy: `Put the number of the machine that ${machine.node} runs in into nodeVmids of the site, then ask again.`,
      doNot: 'Do not move disks by this number: they are those of another machine.',
    },
    [machine.config, machine.uses],
  );
}

const LOCKED = /can't lock file '[^']*lock-\d+\.conf' - got timeout|VM is locked \([a-z-]+\)/;

function locked({ look }: Facts, machine: MachineLook): Part {
  const { node, current } = machine;
  const { attachments } = look;
  const own = attachments.known ? attachments.value.filter((each) => each.node === node && each.attacher === BLOCK_DRIVER) : [];
  const text = own
    .flatMap(({ attachError, detachError }) => [attachError ?? '', detachError ?? ''])
    .map((each) => LOCKED.exec(each)?.[0])
    .find((each) => each !== undefined);
  const lock = current.known && ghostsOf(look, machine).length > 0 ? current.value.lock : undefined;
  if (text === undefined && lock === undefined) return NOTHING;
  return found(
    {
      code: 'machine-locked',
      subject: node,
      says: `Proxmox holds a lock on the machine of ${node}: ${text ?? lock}`,
      remedy: 'Wait until the backup, migration or other task on that machine has ended; the driver tries again by itself.',
      doNot: 'Do not unlock the machine while its task runs.',
    },
    text === undefined ? [current, attachments, look.volumes, machine.config] : [attachments],
  );
}

const MANY = 25;

function wedged(machine: MachineLook): Part {
  const { node, config, drives } = machine;
  if (!drives.known || drives.value.answers || csiSlots(machine).length < MANY) return NOTHING;
  return found(
    {
      code: 'machine-wedged',
      subject: node,
      says: `The machine of ${node} has ${csiSlots(machine).length} disks, and its QEMU does not answer: ${drives.value.says}`,
      remedy: `Cordon ${node} and move pods with volumes away one by one; the machine needs a restart when it is empty. /storage diagnose node ${node}`,
      doNot: 'Add no more disks to it.',
    },
    [config, drives],
  );
}

/** Pods wait because the driver found no slot; what fills the slots decides what helps. */
function slots({ look: { attachments } }: Facts, machine: MachineLook): Part {
  const { node, config } = machine;
  if (!attachments.known || !config.known) return NOTHING;
  const own = attachments.value.filter((each) => each.node === node && each.attacher === BLOCK_DRIVER);
  const used = usedSlots(machine).length;
  const refused = own.filter(({ attachError = '' }) => attachError.includes('no free lun found'));
  if (refused.length === 0)
    return { evidence: [ok(`The machine of ${node} uses ${used} of ${LAST_SLOT} slots`, config)], findings: [] };
  return found(
    {
      code: 'slot-cap',
      subject: node,
      says: `${refused.length} volumes wait at ${node}, whose machine uses ${used} of ${LAST_SLOT} slots; Kubernetes knows of ${own.filter(({ attached }) => attached).length} disks there`,
      remedy: `Cordon ${node} and delete the waiting pods, so that they start on other nodes; clear ghost disks; add a worker. Uncordon it afterwards.`,
      doNot:
        'Restore no service: its data are well. Do not raise the limit, do not change the disk controller, do not delete attachments of running pods.',
    },
    [attachments, config],
  );
}

export interface Ghost {
  readonly slot: string;
  readonly disk: string;
  readonly volume?: PersistentVolume;
  readonly chain: Chain;
}

/** Disks in slots for which Kubernetes has no attachment to this node, not even one on its way. */
export function ghostsOf(look: BlockLook, machine: MachineLook): readonly Ghost[] {
  const { attachments, volumes } = look;
  if (!attachments.known || !volumes.known) return [];
  return csiSlots(machine).flatMap(({ slot, volume: value }) => {
    const disk = diskIn(value);
    const volume = volumes.value.find((each) => handleOf(each)?.disk === disk);
    const isTracked = attachments.value.some((each) => each.node === machine.node && each.persistentVolume === volume?.name);
    if (volume !== undefined && isTracked) return [];
    const chain = chainOf(look, { disk, ...(volume && { volume }) }, machine.node);
    return [{ slot, disk, ...(volume && { volume }), chain }];
  });
}

function ghosts({ look }: Facts, machine: MachineLook): Part {
  const all = ghostsOf(look, machine);
  const free = all.filter(({ chain }) => objectionTo(chain, 'empty-slot') === undefined);
  const used = all.filter(({ chain }) => chain.links.some(isInUse));
  return together([freeGhosts(look, machine, free), ...used.map((ghost) => usedGhost(look, machine, ghost))]);
}

function isInUse({ link, is }: Link): boolean {
  return (link === 'staging' || link === 'pods') && (is === 'proven' || is === 'broken' || is === 'underway');
}

function freeGhosts(look: BlockLook, machine: MachineLook, all: readonly Ghost[]): Part {
  if (all.length === 0) return NOTHING;
  const names = all.map(({ slot }) => slot).join(', ');
  return found(
    {
      code: 'ghost-disks',
      subject: machine.node,
      says: `The machine of ${machine.node} has ${csiSlots(machine).length} disks of the driver, of which Kubernetes has not attached ${all.length}: ${names}. Nobody has them mounted`,
      remedy:
        'Take them out of their slots, at most five at a time, after a second look a minute later. The volumes themselves stay.',
      doNot: 'Do not remove the logical volumes, and touch no slot whose attachment is there or on its way.',
    },
    proofs(look, all),
  );
}

function usedGhost({ attachments, volumes }: BlockLook, machine: MachineLook, { slot, disk, chain }: Ghost): Part {
  const { node, config, drives, devices, links, mounts, uses } = machine;
  return found(
    {
      code: 'ghost-disk-in-use',
      subject: `${node}/${slot}`,
      says: `Kubernetes has not attached ${disk} to ${node}, and it is in use there: ${chain.links.find(isInUse)?.says}`,
      remedy:
        'A person finds out who mounted it: a pod that was removed by force, or a mount that was never taken down. Unmount it there first.',
      doNot: 'Do not take the disk out of its slot: what is not written yet would be lost.',
    },
    [attachments, volumes, config, drives, devices, links, mounts, uses],
  );
}

function proofs(look: BlockLook, all: readonly Ghost[]): readonly Seen<unknown>[] {
  return [look.attachments, look.volumes, ...all.flatMap(({ chain }) => proofsOf(chain))];
}

function poisoned(machine: MachineLook): Part {
  return together(
    poisonedSlots(machine).map((slot) =>
      found(
        {
          code: 'poisoned-slot',
          subject: `${machine.node}/scsi${slot}`,
          says: `QEMU of the machine of ${machine.node} kept throttle-drive-scsi${slot}, and has no disk there: the next one in that slot fails with "duplicate property"`,
          remedy: 'Drop the drive and then the object in the monitor of QEMU; that touches no data and needs no restart.',
          doNot:
            'Do not restart pods, the driver or kubelet for it: the lowest free slot is handed out again, and that is this one.',
        },
        [machine.current, machine.config, machine.drives, machine.objects],
      ),
    ),
  );
}
