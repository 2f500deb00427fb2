import { BLOCK_DRIVER } from '../../../src/commands/block-attachments.ts';
import { ok, together } from '../../../src/core/finding.ts';
import { LAST_SLOT } from '../../../src/topology/block-machine.ts';
import type { Facts } from '../facts.ts';
import type { Part } from './part.ts';
import { NOTHING, oneFinding } from './part.ts';

/** Volumes at one node from which on the site's own alerts ask for care. */
const MANY = 24;

/** The driver hangs each volume into a slot of the node's machine, and there are only so many. */
export function nodeSlots({ attachments }: Facts): Part {
  if (!attachments.known) return NOTHING;
  const own = attachments.value.filter(({ attacher }) => attacher === BLOCK_DRIVER);
  const byNode = [...Map.groupBy(own, ({ node }) => node)].map(([node, { length }]) => ({ node, count: length }));
  const most = Math.max(0, ...byNode.map(({ count }) => count));
  if (most < MANY) {
    const says = `No node has more than ${most} volumes of ${BLOCK_DRIVER}, of ${LAST_SLOT} that its machine has slots for`;
    return { evidence: [ok(says, attachments)], findings: [] };
  }
  const full = byNode.filter(({ count }) => count >= MANY);
  return together(
    full.map(({ node, count }) =>
      oneFinding({
        code: 'slots-nearly-full',
        subject: node,
        says: `${node} has ${count} volumes of ${BLOCK_DRIVER}; its machine has slots for ${LAST_SLOT}, and with 25 disks or more QEMU itself may stop answering`,
        remedy: `Move pods with volumes to emptier nodes, or add a worker; keep what is no database on NFS. /storage diagnose block node ${node}`,
        doNot: 'Do not change the disk controller of the machine: the limit is in the driver.',
        seen: [attachments],
      }),
    ),
  );
}
