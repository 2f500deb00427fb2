import { BLOCK_DRIVER } from '../../src/commands/block-attachments.ts';
import type { KubeNode } from '../../src/commands/cluster-objects.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok } from '../../src/core/finding.ts';
import { csiSlots, usedSlots } from '../../src/topology/block-machine.ts';
import { diskIn, volumeOfDisk } from '../../src/topology/block-names.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, MachineFacts } from './facts.ts';

/** Disks at one node from which on the site gives it no more. */
const MOST_DISKS = 20;

export function takesPods({ ready, cordoned, controlPlane }: KubeNode): boolean {
  return ready && !cordoned && !controlPlane;
}

/** Each disk takes a slot of a node's machine, also one that Kubernetes has not attached there (a ghost), and there are only so many. */
export function slots({ cluster: { nodes, attachments }, pool: { machines } }: Facts): Diagnosis<Code> {
  if (!nodes.known || !attachments.known || machines.some(({ config }) => !config.known)) return NOTHING;
  const counts = machines.map((machine) => {
    const own = attachments.value.filter(({ node, attacher }) => node === machine.node && attacher === BLOCK_DRIVER);
    return {
      node: machine.node,
      ...disksOf(
        machine,
        own.flatMap(({ persistentVolume }) => persistentVolume ?? []),
      ),
    };
  });
  const says = counts.map(({ node, disks, ghosts }) => `${node} ${disks}${ghosts > 0 ? ` (${ghosts} of them ghosts)` : ''}`);
  const list = says.join(', ') || 'no node takes pods';
  const seen = [nodes, attachments, ...knownOf(machines.map(({ config }) => config))] as const;
  if (isSome(counts.filter(({ disks }) => disks < MOST_DISKS)))
    return told(ok(`Disks in the machines of the nodes that take pods: ${list}`, ...seen));
  return found({
    code: 'slots-full',
    subject: 'nodes',
    says: `No node that takes pods has fewer than ${MOST_DISKS} disks in its machine: ${list}`,
    remedy: 'Take ghosts out of their slots (/storage diagnose block), add a node, or leave on NFS what is no database.',
    doNot: 'Do not raise the limit of the driver: with 25 disks and more a machine stops answering.',
    seen,
  });
}

/** What is in its slots, a machine's own disks among them, and what is on its way there. */
function disksOf(machine: MachineFacts, attached: readonly string[]) {
  const plugged = csiSlots(machine).map(({ volume }) => volumeOfDisk(diskIn(volume)));
  const ghosts = plugged.filter((volume) => !attached.includes(volume));
  const coming = attached.filter((volume) => !plugged.includes(volume));
  return { disks: usedSlots(machine).length + coming.length, ghosts: ghosts.length };
}
