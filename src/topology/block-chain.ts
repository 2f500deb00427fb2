import type { PersistentVolume } from '../commands/cluster-objects.ts';
import type { Known } from '../core/reading.ts';
import { attachmentLink, claimLink, diskLink, handleLink } from './block-chain-cluster.ts';
import { deviceLink, podLink, stagingLink } from './block-chain-guest.ts';
import { runtimeLink, slotLink } from './block-chain-machine.ts';
import { isOff } from './block-identity.ts';
import type { Chain, Found, Link, LinkName, Subject } from './block-links.ts';
import { LINKS } from './block-links.ts';
import type { BlockLook } from './block-look.ts';
import { handleOf } from './block-names.ts';

export function chainOf(look: BlockLook, subject: Subject, node: string): Chain {
  const machine = look.machines.find((each) => each.node === node);
  if (machine === undefined) return { subject, node, elsewhere: [], wanted: [], links: [noNode(look, node)] };
  const found: Found = { look, subject, machine, elsewhere: new Set(), ...(isOff(machine) && { isStopped: true }) };
  // In this order: each may use what those before it found.
  const links = MAKERS.map((make) => make(found));
  const { slot, device } = found;
  const { vmid } = machine;
  return {
    subject,
    node,
    ...(vmid !== undefined && { vmid }),
    ...(slot !== undefined && { slot }),
    ...(device && { device }),
    elsewhere: [...found.elsewhere].toSorted(),
    wanted: found.wanted ?? [],
    links,
  };
}

const MAKERS = [
  claimLink,
  handleLink,
  diskLink,
  attachmentLink,
  slotLink,
  runtimeLink,
  deviceLink,
  stagingLink,
  podLink,
] as const;

export function chainOfVolume(look: BlockLook, volume: PersistentVolume, node: string): Chain {
  return chainOf(look, { volume, disk: handleOf(volume)?.disk ?? '' }, node);
}

function noNode({ nodes }: BlockLook, node: string): Link {
  const says = nodes.known ? `the cluster has no node ${node}` : 'the nodes of the cluster could not be seen';
  return { link: 'attachment', is: nodes.known ? 'broken' : 'unknown', says, seen: [nodes] };
}

export function linkOf({ links }: Chain, name: LinkName): Link | undefined {
  return links.find(({ link }) => link === name);
}

/** The first link that contradicts the others. */
export function brokenLink({ links }: Chain): Link | undefined {
  return links.find(({ is }) => is === 'broken');
}

export function isClosed({ links, elsewhere }: Chain): boolean {
  return elsewhere.length === 0 && links.length === LINKS.length && links.every(({ is }) => is === 'proven');
}

/** Everything known that these links stand on, each output once. */
export function proofsOf({ links }: Chain, names: readonly LinkName[] = LINKS): readonly Known<unknown>[] {
  const seen = links.filter(({ link }) => names.includes(link)).flatMap((each) => each.seen);
  return [...new Map(seen.flatMap((each) => (each.known ? [[each.line, each] as const] : []))).values()];
}
