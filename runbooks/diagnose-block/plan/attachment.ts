import type { VolumeAttachment } from '../../../src/commands/block-attachments.ts';
import { deleteAttachment, volumeAttachments } from '../../../src/commands/block-attachments.ts';
import type { Pod } from '../../../src/commands/cluster-objects.ts';
import { show } from '../../../src/core/command.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { allHolds, uses } from '../../../src/core/hold.ts';
import type { Step, Verification } from '../../../src/core/plan.ts';
import { check, noUndo } from '../../../src/core/plan.ts';
import type { Site } from '../../../src/core/site.ts';
import { stillWaits } from '../../../src/repairs/block-pods.ts';
import { changesWorkload } from '../../../src/repairs/holds.ts';
import { chainOfVolume, isClosed } from '../../../src/topology/block-chain.ts';
import { objectionTo } from '../../../src/topology/block-clearance.ts';
import type { Chain } from '../../../src/topology/block-links.ts';
import type { BlockLook } from '../../../src/topology/block-look.ts';
import { lookAtBlock } from '../../../src/topology/block-look.ts';
import { objectionToMove } from '../../../src/topology/block-machine.ts';
import { machineIsClean, mayStill } from '../../../src/topology/block-recheck.ts';
import { changesDisk } from './holds.ts';

export interface AttachmentSituation {
  readonly site: Site;
  readonly look: BlockLook;
  /** Of the volume at the node that the attachment is to. */
  readonly chain: Chain;
  readonly attachment: VolumeAttachment;
  /** The pod that waits for the volume, on the node where it is to be attached afterwards. */
  readonly pod: Pod;
  readonly because: Finding;
  readonly intent: 'take-back-attachment' | 'plug-in-again';
}

/** Undefined where the chain does not allow it: for a disk that somebody may use there is no such step. */
export function takeBackAttachment(situation: AttachmentSituation): Step | undefined {
  const { site, look, chain, attachment, pod, because, intent } = situation;
  const target = pod.node;
  const { subject, node } = chain;
  if (target === undefined || subject.volume === undefined) return undefined;
  const move = { from: node, to: target };
  if (objectionTo(chain, intent) !== undefined || objectionToMove(look, subject.volume, move) !== undefined) return undefined;
  const holds = [...changesDisk(look, chain), uses('node', target)];
  const [first, ...more] = allHolds([changesWorkload(pod), ...holds]);
  if (first === undefined) return undefined;
  return {
    title: `Delete the attachment of ${subject.volume.name} to ${node}`,
    because,
    before: [
      check('This very attachment is there, and nobody takes it back yet', volumeAttachments(), (all) =>
        all.some(({ uid, attached, deleting }) => uid === attachment.uid && attached && !deleting),
      ),
      stillWaits(pod),
      mayStill(intent, { site, subject, node }),
      ...(node === target ? [] : [machineIsClean({ site, node })]),
      machineIsClean({ site, node: target }, subject.volume),
    ],
    change: deleteAttachment(attachment),
    after: isWholeAt(situation, target),
    undo: noUndo('Not needed: Kubernetes attaches the volume where its pod is.'),
    holds: [first, ...more],
    warnings: [
      `The driver takes the disk out of the machine of ${node}, and puts it into the lowest free slot of the machine of ${target}.`,
    ],
  };
}

/** The whole chain, from the claim to the mount in the pod. */
function isWholeAt({ site, chain: { subject } }: AttachmentSituation, node: string): Verification {
  const name = subject.volume?.name ?? subject.disk;
  return {
    says: `${name} is the same disk in every view of ${node}, from its attachment to the mount in its pod`,
    line: show(volumeAttachments().command),
    withinMs: 300_000,
    holds: async (read) => {
      const look = await lookAtBlock(read, site);
      const volume = look.volumes.known ? look.volumes.value.find((each) => each.name === name) : undefined;
      if (volume === undefined) return { answer: look.volumes.known ? 'no' : 'unknown', seen: look.volumes };
      const now = chainOfVolume(look, volume, node);
      const open = now.links.find(({ is }) => is !== 'proven');
      const unseen = open?.seen.find(({ known }) => !known);
      if (isClosed(now)) return { answer: 'yes', seen: look.attachments };
      return { answer: unseen === undefined ? 'no' : 'unknown', seen: unseen ?? open?.seen[0] ?? look.attachments };
    },
  };
}
