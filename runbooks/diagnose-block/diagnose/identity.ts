import { BLOCK_DRIVER } from '../../../src/commands/block-attachments.ts';
import type { BlockMount } from '../../../src/commands/block-devices.ts';
import type { PersistentVolume } from '../../../src/commands/cluster-objects.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { bad, ok, together } from '../../../src/core/finding.ts';
import { brokenLink, chainOfVolume, isClosed, proofsOf } from '../../../src/topology/block-chain.ts';
import { drivesOf } from '../../../src/topology/block-chain-machine.ts';
import { breaksAt, gapIn } from '../../../src/topology/block-clearance.ts';
import { identityOf } from '../../../src/topology/block-identity.ts';
import type { Chain, LinkName } from '../../../src/topology/block-links.ts';
import type { MachineLook } from '../../../src/topology/block-look.ts';
import { mountsWithoutDisk, sharedMounts } from '../../../src/topology/block-machine.ts';
import { handleOf, stagingOf } from '../../../src/topology/block-names.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { subjectOf, volumesIn } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';

/** Whether each volume is the same disk in every view of it. */
export function diagnoseIdentity(facts: Facts): Part {
  const own = facts.look.machines.filter(({ node }) => facts.scope?.nodes.includes(node));
  return together([
    ...goneNodes(facts),
    ...own.flatMap((machine) => sharedMounts(machine).map((mounts) => shared(facts, machine, mounts))),
    ...own.flatMap((machine) => mountsWithoutDisk(machine).map((mount) => leftBehind(facts, machine, mount))),
    ...volumesIn(facts).flatMap((volume) => [
      openElsewhere(facts, volume),
      ...attachedTo(facts, volume).flatMap((node) => [chain(facts, volume, node)]),
    ]),
  ]);
}

function attachedTo({ look: { attachments } }: Facts, { name }: PersistentVolume): readonly string[] {
  const all = attachments.known ? attachments.value : [];
  return all
    .filter((each) => each.attacher === BLOCK_DRIVER && each.persistentVolume === name && each.attached)
    .map(({ node }) => node);
}

/** One cause for all volumes that it still seems to have. */
function goneNodes({ look, scope }: Facts): readonly Part[] {
  const { attachments, nodes, volumes } = look;
  if (!attachments.known || !nodes.known || !volumes.known) return [];
  const left = attachments.value.filter(
    ({ attacher, node, persistentVolume = '' }) =>
      attacher === BLOCK_DRIVER &&
      scope?.volumes.includes(persistentVolume) === true &&
      nodes.value.every(({ name }) => name !== node),
  );
  return [...Map.groupBy(left, ({ node }) => node)].map(([node, all]) => {
    const names = volumes.value.filter(({ name }) => all.some((each) => each.persistentVolume === name)).map(subjectOf);
    const error = all.map(({ detachError }) => detachError).find((text) => text !== undefined);
    return found(
      {
        code: 'node-gone',
        subject: node,
        says: `The cluster has no node ${node} any more, and ${names.join(', ')} still count as attached there${error === undefined ? '' : `: ${error.slice(0, 300)}`}`,
        remedy: `A person makes sure that the machine of ${node} is off or removed, and that no machine has these disks (qm config, lvs -o +lv_device_open). If the node is to come back, let it register again. Else take the finalizer of the driver off these attachments, one by one.`,
        doNot: 'Do not take the finalizer off while a logical volume is open: the machine that has it may still write.',
      },
      [nodes, attachments, volumes],
    );
  });
}

function shared({ look }: Facts, machine: MachineLook, mounts: readonly BlockMount[]): Part {
  const source = mounts[0]?.source ?? 'one disk';
  const volumes = look.volumes.known ? look.volumes.value : [];
  const names = mounts.map(
    ({ mountPoint }) =>
      volumes.filter(({ csi }) => csi !== undefined && stagingOf(csi.volumeHandle) === mountPoint).map(subjectOf)[0] ??
      mountPoint,
  );
  return found(
    {
      code: 'shared-device',
      subject: `${machine.node}/${source.slice(source.lastIndexOf('/') + 1)}`,
      says: `On ${machine.node} ${names.join(' and ')} are mounted from ${source}: one of them writes into the file system of the other`,
      remedy:
        'Stop the pods of both at once. A person finds out whose data the disk has, unmounts the wrong globalmount by hand, and compares both with their backups.',
      doNot:
        'Do not delete pods or attachments: the mount survives both, and the volumes come back in other slots under other names.',
    },
    [machine.mounts, look.volumes],
  );
}

function leftBehind({ look }: Facts, machine: MachineLook, { mountPoint, source, number }: BlockMount): Part {
  const volumes = look.volumes.known ? look.volumes.value : [];
  const owner = volumes.find(({ csi }) => csi !== undefined && stagingOf(csi.volumeHandle) === mountPoint);
  const name = owner === undefined ? 'a volume that is gone' : subjectOf(owner);
  return found(
    {
      code: 'stale-mount',
      subject: `${machine.node}/${source.slice(source.lastIndexOf('/') + 1)}`,
      says: `${machine.node} still has ${name} mounted from ${source} (${number}), and that disk is gone`,
      remedy: `A person makes sure that no program on ${machine.node} uses ${mountPoint}, and unmounts it by hand: it survives its pod and its attachment.`,
      doNot: 'Attach nothing to that node and delete no attachment of it before: the next disk may be mounted in its place.',
    },
    [machine.mounts, machine.devices, look.volumes],
  );
}

/** Broken links are told by name; one that could not be seen is told elsewhere, and proves nothing. */
function chain(facts: Facts, volume: PersistentVolume, node: string): Part {
  const { look } = facts;
  const own = chainOfVolume(look, volume, node);
  const machine = look.machines.find((each) => each.node === node);
  if (machine === undefined || openElsewhere(facts, volume).findings.length > 0) return NOTHING;
  if (own.links.some(({ is }) => is === 'unknown') || identityOf(machine).is === 'other') return NOTHING;
  const proofs = proofsOf(own);
  if (isClosed(own))
    return {
      evidence: [ok(`${subjectOf(volume)} is the same disk in every view, from its claim to its pod on ${node}`, ...proofs)],
      findings: [],
    };
  const open = brokenLink(own);
  if (open?.link === 'staging' && sharedMounts(machine).length > 0) return twice(own, volume);
  const gap = gapIn(own);
  if (open === undefined && gap === undefined) return twice(own, volume);
  const code: Code = open !== undefined && FOREIGN.includes(open.link) ? 'foreign-disk' : 'chain-broken';
  const where = open === undefined ? `of ${volume.name} does not close. ${gap}` : `of ${volume.name} ${breaksAt(open)}`;
  return found(
    {
      code,
      subject: subjectOf(volume),
      says: `On ${node} the identity chain ${where}`,
      remedy:
        'Stop its pods and let a person find out which disk that is, before anything is attached or detached there. Compare its content with the backup.',
      doNot: `Do not delete the attachment or the pod to "try again": a WWN names a slot and not a volume, and the next disk may be taken for this one.`,
    },
    proofs,
  );
}

const FOREIGN: readonly LinkName[] = ['runtime', 'device', 'staging', 'pods'];

function twice(own: Chain, volume: PersistentVolume): Part {
  if (own.elsewhere.length === 0) return { evidence: unfinished(own, volume), findings: [] };
  return found(
    {
      code: 'open-twice',
      subject: subjectOf(volume),
      says: `The machine of ${own.node} has the disk of ${volume.name}, and the machine of ${own.elsewhere.join(' and of ')} has it as well`,
      remedy:
        'Where it is mounted by nobody, it is taken out of its slot: see the ghost disks of that node. Where both mount it, stop both pods now and call a person.',
      doNot: 'Do not mount it a second time: two kernels that write to one ext4 destroy it.',
    },
    proofsOf(own),
  );
}

/** Attached, and it ends somewhere before the pod: on its way, or left over. */
function unfinished(own: Chain, volume: PersistentVolume): readonly Evidence[] {
  const end = own.links.find(({ is }) => is === 'absent' || is === 'underway');
  const [first, ...more] = proofsOf(own);
  if (end === undefined || first === undefined) return [];
  return [bad(`${subjectOf(volume)} is attached to ${own.node}, and its chain ends before its pod: ${end.says}`, first, ...more)];
}

/** QEMU of some other machine, a mount of the hypervisor itself, a copy that runs. */
function openElsewhere({ look }: Facts, volume: PersistentVolume): Part {
  const handle = handleOf(volume);
  const list = handle === undefined ? undefined : look.disks[handle.storage];
  const disk = list?.known ? list.value.find(({ name }) => name === handle?.disk) : undefined;
  const drives = look.machines.map(drivesOf);
  const isOurs = drives.some((each) => each.known && each.value.some((drive) => drive.volume === handle?.disk));
  if (list === undefined || disk?.isOpen !== true || isOurs) return NOTHING;
  return found(
    {
      code: 'open-elsewhere',
      subject: subjectOf(volume),
      says: `${disk.vg}/${disk.name} is open, and no node's machine has it: something else on the hypervisor uses it`,
      remedy: `Find out who has it: another machine, a mount or a copy on the hypervisor (dmsetup ls --tree, lsof /dev/${disk.vg}/${disk.name}). End that first.`,
      doNot: 'Do not attach it to a node meanwhile.',
    },
    [list, look.volumes, ...drives],
  );
}
