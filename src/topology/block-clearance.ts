import { linkOf } from './block-chain.ts';
import type { Chain, Link, LinkName } from './block-links.ts';

/** What is to be done with a disk that nobody may have mounted. */
export type Intent =
  /** Kubernetes has an attachment, and it is taken back: the driver detaches the disk. */
  | 'take-back-attachment'
  /** The same, of a disk that its machine never plugged in, for the pod that waits for it there. */
  | 'plug-in-again'
  /** Kubernetes has none, and the machine still has the disk in a slot. */
  | 'empty-slot';

const PROVEN: Readonly<Record<Intent, readonly LinkName[]>> = {
  'take-back-attachment': ['claim', 'handle', 'disk', 'attachment'],
  'plug-in-again': ['claim', 'handle', 'disk', 'attachment'],
  'empty-slot': ['disk', 'slot'],
};

const ABSENT: Readonly<Record<Intent, readonly LinkName[]>> = {
  'take-back-attachment': ['staging', 'pods'],
  // Once it is plugged in, kubelet may be mounting it.
  'plug-in-again': ['runtime', 'device', 'staging', 'pods'],
  'empty-slot': ['attachment', 'staging', 'pods'],
};

/**
 * Why this may not be done now; undefined where it may. Every step that detaches, attaches or deletes an attachment asks this, when it
 * is planned and again just before: each link is proven up to where the disk ends and proven absent after it, and nothing contradicts
 * anything.
 */
export function objectionTo(chain: Chain, intent: Intent): string | undefined {
  const worst = OPEN.map((open) => chain.links.find(({ is }) => is === open)).find((link) => link !== undefined);
  if (worst !== undefined) return `The identity chain does not close at ${NAMES[worst.link]}: ${worst.says}.`;
  const missing = PROVEN[intent].find((name) => linkOf(chain, name)?.is !== 'proven');
  if (missing !== undefined) return `${capital(NAMES[missing])} is not proven: ${saysOf(chain, missing)}.`;
  // The other machine may be where it is used; the step touches this one alone, and here it is in use by nobody.
  if (intent !== 'empty-slot' && chain.elsewhere.length > 0)
    return `The machine of ${chain.elsewhere.join(' and of ')} has the same disk.`;
  const there = ABSENT[intent].find((name) => linkOf(chain, name)?.is !== 'absent');
  if (there !== undefined) return `It is in use: ${saysOf(chain, there)}.`;
  const [wanted] = intent === 'plug-in-again' ? [] : chain.wanted;
  if (wanted !== undefined)
    return `Pod ${wanted.namespace}/${wanted.name} of ${chain.node} uses the claim: it may be attached and mounted there any moment.`;
  return gapIn(chain) ?? unseenIn(chain);
}

/** What QEMU has plugged in and the guest does not show may be in use all the same. */
function unseenIn(chain: Chain): string | undefined {
  const [runtime, device] = [linkOf(chain, 'runtime'), linkOf(chain, 'device')];
  if (runtime?.is !== 'proven' || device?.is !== 'absent') return undefined;
  return `Nobody can see who uses it: ${runtime.says}, and yet ${device.says}.`;
}

const OPEN: readonly Link['is'][] = ['broken', 'underway', 'unknown'];

const PHYSICAL: readonly LinkName[] = ['disk', 'slot', 'runtime', 'device'];

/** A disk in a slot that LVM does not have, in QEMU and in no configuration, or in the guest and not in QEMU: nobody understands it. */
export function gapIn(chain: Chain): string | undefined {
  const links = PHYSICAL.map((name) => linkOf(chain, name)).filter((link): link is Link => link !== undefined);
  const end = links.findIndex(({ is }) => is === 'absent');
  const beyond = end < 0 ? undefined : links.slice(end).find(({ is }) => is === 'proven');
  return beyond === undefined ? undefined : `The identity chain has a gap: ${links[end]?.says}, and yet ${beyond.says}.`;
}

/** Which link contradicts the others, and how. */
export function breaksAt({ link, says }: Link): string {
  return `breaks at ${NAMES[link]}: ${says}`;
}

function saysOf(chain: Chain, name: LinkName): string {
  return linkOf(chain, name)?.says ?? 'it could not be looked at';
}

/** As people call them. */
const NAMES: Readonly<Record<LinkName, string>> = {
  claim: 'the claim and its volume',
  handle: "the volume's handle",
  disk: 'the logical volume',
  attachment: 'the attachment',
  slot: "the machine's configuration",
  runtime: "the machine's QEMU",
  device: 'the disk in the guest',
  staging: "the driver's mount",
  pods: 'the mount in the pod',
};

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
