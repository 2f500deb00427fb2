import { BLOCK_DRIVER } from '../commands/block-attachments.ts';
import type { Seen } from '../core/reading.ts';
import type { Found, Link, LinkName } from './block-links.ts';
import { handleOf, slotOfWwn, volumeOfDisk } from './block-names.ts';

type Is = Link['is'];

/** A link; "could not look" where one of its looks could not be made. */
export function linkFrom(link: LinkName, seen: readonly Seen<unknown>[], judge: () => readonly [Is, string]): Link {
  const unseen = seen.find((each) => !each.known);
  if (unseen !== undefined && !unseen.known) return { link, is: 'unknown', says: unseen.why.says, seen };
  const [is, says] = judge();
  return { link, is, says, seen };
}

/** Both name each other: a claim may name a volume that was given to another. */
export function claimLink({ look: { claims, volumes }, subject: { volume } }: Found): Link {
  return linkFrom('claim', [volumes, claims], () => {
    if (volume?.claimRef === undefined) return ['absent', 'no claim has it'];
    const { namespace, name } = volume.claimRef;
    const claim = claims.known ? claims.value.find((each) => each.namespace === namespace && each.name === name) : undefined;
    if (claim === undefined) return ['absent', `the claim ${namespace}/${name} is gone, its volume ${volume.name} is kept`];
    if (claim.volume === volume.name) return ['proven', `claim ${namespace}/${name} has ${volume.name}`];
    return [
      'broken',
      `${volume.name} says that claim ${namespace}/${name} has it, and that claim has ${claim.volume ?? 'no volume'}`,
    ];
  });
}

/** By the last part of the handle, and no other volume with the same. */
export function handleLink({ look: { volumes }, subject: { volume, disk } }: Found): Link {
  return linkFrom('handle', [volumes], () => {
    if (volume === undefined) return ['absent', `no PersistentVolume names ${disk}`];
    if (handleOf(volume) === undefined) return ['broken', `the handle ${volume.csi?.volumeHandle ?? ''} is of no known form`];
    const all = volumes.known ? volumes.value : [];
    const other = all.find((each) => each.name !== volume.name && handleOf(each)?.disk === disk);
    if (other !== undefined) return ['broken', `${volume.name} and ${other.name} both name ${disk}`];
    return ['proven', `${volume.name} is ${disk}`];
  });
}

/** The logical volume itself, in the group of the storage that the handle names. */
export function diskLink(found: Found): Link {
  const { look, subject } = found;
  const storage = subject.volume === undefined ? undefined : handleOf(subject.volume)?.storage;
  const lists = Object.entries(look.disks).filter(([id]) => storage === undefined || id === storage);
  return linkFrom('disk', [look.storages, ...lists.map(([, list]) => list)], () => {
    const disks = lists.flatMap(([, list]) => (list.known ? list.value.filter(({ name }) => name === subject.disk) : []));
    const [disk, other] = disks;
    if (disk === undefined) return ['absent', `there is no logical volume ${subject.disk}`];
    if (other !== undefined) return ['broken', `${disk.vg} and ${other.vg} both have a logical volume ${subject.disk}`];
    Object.assign(found, { sizeBytes: disk.sizeBytes, isOpen: disk.isOpen });
    return ['proven', `${disk.vg}/${disk.name} is there, ${disk.isOpen ? 'open' : 'not open'}`];
  });
}

/** What Kubernetes believes; one that is on its way is neither there nor gone. */
export function attachmentLink(found: Found): Link {
  const { look, subject, machine } = found;
  return linkFrom('attachment', [look.attachments], () => {
    const all = look.attachments.known ? look.attachments.value : [];
    const name = subject.volume?.name ?? volumeOfDisk(subject.disk);
    const own = all.filter((each) => each.attacher === BLOCK_DRIVER && each.persistentVolume === name);
    const here = own.find(({ node }) => node === machine.node);
    if (here === undefined) return ['absent', `no attachment to ${machine.node}`];
    if (subject.volume === undefined)
      return ['broken', `there is an attachment of ${name} to ${machine.node}, and no such PersistentVolume`];
    const elsewhere = own.find(({ node, attached }) => attached && node !== machine.node);
    if (elsewhere !== undefined) return ['broken', `it is attached to ${machine.node} and to ${elsewhere.node}`];
    if (here.deleting)
      return ['underway', `its attachment to ${machine.node} is being taken back${because(here.detachError, ' now')}`];
    if (!here.attached) return ['underway', `its attachment to ${machine.node} is not made${because(here.attachError, ' yet')}`];
    const promised = here.devicePath === undefined ? undefined : slotOfWwn(here.devicePath);
    if (promised !== undefined) found.promised = promised;
    return ['proven', `attached to ${machine.node} as ${here.devicePath ?? 'a disk without a name'}`];
  });
}

function because(error: string | undefined, otherwise: string): string {
  return error === undefined ? otherwise : `: ${error.slice(0, 300)}`;
}
