import type { PersistentVolume } from '../../../src/commands/cluster-objects.ts';
import { bad, together } from '../../../src/core/finding.ts';
import type { Seen } from '../../../src/core/reading.ts';
import { brokenLink, chainOf, proofsOf } from '../../../src/topology/block-chain.ts';
import { breaksAt, objectionTo } from '../../../src/topology/block-clearance.ts';
import { identityOf } from '../../../src/topology/block-identity.ts';
import type { Chain, Link } from '../../../src/topology/block-links.ts';
import type { BlockLook, MachineLook } from '../../../src/topology/block-look.ts';
import { csiSlots } from '../../../src/topology/block-machine.ts';
import { diskIn, handleOf, volumeOfDisk } from '../../../src/topology/block-names.ts';
import type { Facts } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';

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
    // One whose handle is of no known form is told as such.
    const name = volume?.name ?? volumes.value.find((each) => each.name === volumeOfDisk(disk))?.name;
    const isTracked = attachments.value.some((each) => each.node === machine.node && each.persistentVolume === name);
    if (name !== undefined && isTracked) return [];
    const chain = chainOf(look, { disk, ...(volume && { volume }) }, machine.node);
    return [{ slot, disk, ...(volume && { volume }), chain }];
  });
}

export function ghosts({ look }: Facts, machine: MachineLook): Part {
  const all = ghostsOf(look, machine);
  const free = all.filter(({ chain }) => objectionTo(chain, 'empty-slot') === undefined);
  const used = all.filter(({ chain }) => chain.links.some(isInUse));
  const others = all.filter((ghost) => !free.includes(ghost) && !used.includes(ghost));
  return together([
    freeGhosts(look, machine, free),
    ...used.map((ghost) => usedGhost(look, machine, ghost)),
    ...others.map((ghost) => unclearGhost(look, machine, ghost)),
  ]);
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

/** Neither known to be free nor seen in use: why it is let alone is told, unless a view is missing, which is told elsewhere. */
function unclearGhost(look: BlockLook, machine: MachineLook, { slot, disk, chain }: Ghost): Part {
  const { node } = machine;
  const [first, ...more] = proofsOf(chain);
  if (first === undefined || identityOf(machine).is === 'other' || chain.links.some(({ is }) => is === 'unknown')) return NOTHING;
  const broken = brokenLink(chain);
  const says = `${slot} of the machine of ${node} has ${disk}, for which no volume is attached there`;
  if (broken === undefined)
    return { evidence: [bad(`${says}. It is let alone. ${objectionTo(chain, 'empty-slot')}`, first, ...more)], findings: [] };
  return found(
    {
      code: 'chain-broken',
      subject: `${node}/${slot}`,
      says: `${says}, and its identity chain ${breaksAt(broken)}`,
      remedy:
        'A person finds out which disk that is and who left it there, before anything is attached or detached at that node.',
      doNot: 'Do not take it out of its slot: it may be another disk than its name says.',
    },
    proofs(look, [{ slot, disk, chain }]),
  );
}

function proofs(look: BlockLook, all: readonly Ghost[]): readonly Seen<unknown>[] {
  return [look.attachments, look.volumes, ...all.flatMap(({ chain }) => proofsOf(chain))];
}
