import { BLOCK_DRIVER } from '../../../src/commands/block-attachments.ts';
import { ok, together } from '../../../src/core/finding.ts';
import { identityOf } from '../../../src/topology/block-identity.ts';
import type { MachineLook } from '../../../src/topology/block-look.ts';
import { csiSlots, LAST_SLOT, poisonedSlots, usedSlots } from '../../../src/topology/block-machine.ts';
import type { Facts } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';
import { ghosts, ghostsOf } from './ghosts.ts';
import { waitingIn } from './waiting.ts';

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

function locked(facts: Facts, machine: MachineLook): Part {
  const { look } = facts;
  const { node, current } = machine;
  const { attachments } = look;
  const own = attachments.known ? attachments.value.filter((each) => each.node === node && each.attacher === BLOCK_DRIVER) : [];
  const text = own
    .flatMap(({ attachError, detachError }) => [attachError ?? '', detachError ?? ''])
    .map((each) => LOCKED.exec(each)?.[0])
    .find((each) => each !== undefined);
  const isInTheWay =
    ghostsOf(look, machine).length > 0 || waitingIn(facts).some((each) => each.node === node || each.other?.node === node);
  const lock = current.known && isInTheWay ? current.value.lock : undefined;
  if (text === undefined && lock === undefined) return NOTHING;
  return found(
    {
      code: 'machine-locked',
      subject: node,
      says: `Proxmox holds a lock on the machine of ${node}: ${text ?? lock}`,
      remedy: 'Wait until the backup, migration or other task on that machine has ended; the driver tries again by itself.',
      doNot: 'Do not unlock the machine while its task runs.',
    },
    text === undefined ? [current, attachments, look.pods, look.volumes, machine.config] : [attachments],
  );
}

const MANY = 25;

function wedged(machine: MachineLook): Part {
  const { node, config, current, drives } = machine;
  const isRunning = current.known && current.value.status === 'running';
  if (!isRunning || !drives.known || drives.value.answers || csiSlots(machine).length < MANY) return NOTHING;
  return found(
    {
      code: 'machine-wedged',
      subject: node,
      says: `The machine of ${node} has ${csiSlots(machine).length} disks, and its QEMU does not answer: ${drives.value.says}`,
      remedy: `Cordon ${node} and move pods with volumes away one by one; the machine needs a restart when it is empty. /storage diagnose node ${node}`,
      doNot: 'Add no more disks to it.',
    },
    [config, current, drives],
  );
}

/** Pods wait because the driver found no slot; what fills the slots decides what helps. */
function slots({ look: { attachments } }: Facts, machine: MachineLook): Part {
  const { node, config } = machine;
  if (!attachments.known || !config.known) return NOTHING;
  const own = attachments.value.filter((each) => each.node === node && each.attacher === BLOCK_DRIVER);
  const used = usedSlots(machine).length;
  const refused = own.filter(({ attachError = '' }) => attachError.includes('no free lun found'));
  // What was refused before a slot became free is tried again by itself.
  if (refused.length === 0 || used < LAST_SLOT)
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
