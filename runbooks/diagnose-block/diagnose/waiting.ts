import type { VolumeAttachment } from '../../../src/commands/block-attachments.ts';
import { BLOCK_DRIVER } from '../../../src/commands/block-attachments.ts';
import type { PersistentVolume, Pod } from '../../../src/commands/cluster-objects.ts';
import { meaningOf } from '../../../src/commands/pod-events.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { bad, ok, together } from '../../../src/core/finding.ts';
import { chainOfVolume, linkOf, proofsOf } from '../../../src/topology/block-chain.ts';
import { objectionTo } from '../../../src/topology/block-clearance.ts';
import { isOff } from '../../../src/topology/block-identity.ts';
import type { MachineLook } from '../../../src/topology/block-look.ts';
import type { Move } from '../../../src/topology/block-machine.ts';
import { objectionToMove, poisonedSlots } from '../../../src/topology/block-machine.ts';
import type { Facts } from '../facts.ts';
import { eventsOfPod, isActive, isWaiting, podsOf, subjectOf, volumesIn } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';
import { controller } from './controller.ts';

/** A pod that waits for a volume, and what the cluster believes about that. */
export interface Waiting {
  readonly pod: Pod;
  readonly node: string;
  readonly volume: PersistentVolume;
  /** To the pod's own node. */
  readonly own?: VolumeAttachment;
  /** To another node. */
  readonly other?: VolumeAttachment;
}

export function waitingIn(facts: Facts): readonly Waiting[] {
  const { attachments } = facts.look;
  const all = attachments.known ? attachments.value.filter(({ attacher }) => attacher === BLOCK_DRIVER) : [];
  return volumesIn(facts).flatMap((volume) => {
    const held = all.filter(({ persistentVolume }) => persistentVolume === volume.name);
    return podsOf(facts.look, volume)
      .filter(isWaiting)
      .map((pod) => {
        const node = pod.node ?? '';
        const own = held.find((each) => each.node === node);
        const other = held.find((each) => each.node !== node);
        return { pod, node, volume, ...(own && { own }), ...(other && { other }) };
      });
  });
}

export function diagnoseWaiting(facts: Facts): Part {
  return together([diagnoseUnbound(facts), ...waitingIn(facts).map((waiting) => ofPod(facts, waiting))]);
}

/** A claim whose class waits for its first pod is well. */
function diagnoseUnbound({ look: { claims }, events }: Facts): Part {
  if (!claims.known || !events.known) return NOTHING;
  const names = claims.value
    .filter(({ phase, volume }) => phase === 'Pending' && volume === undefined)
    .filter(({ namespace, name }) =>
      events.value.some(
        (event) =>
          event.about.namespace === namespace && event.about.name === name && meaningOf(event) === 'waiting-for-consumer',
      ),
    )
    .map(({ namespace, name }) => `${namespace}/${name}`);
  const evidence = names.map(
    (name): Evidence =>
      ok(`Claim ${name} waits for its first pod, as its class has it: nothing is wrong with it`, claims, events),
  );
  return { evidence, findings: [] };
}

function ofPod(facts: Facts, waiting: Waiting): Part {
  const { own, other } = waiting;
  const part =
    other === undefined
      ? own?.attached === true
        ? notPluggedIn(facts, waiting)
        : NOTHING
      : heldElsewhere(facts, waiting, other);
  return part.findings.length > 0 ? part : together([part, unexplained(facts, waiting)]);
}

/** What was said of it, for which the other parts may have the cause, and why its attachment is let alone. */
function unexplained(facts: Facts, { pod, volume, own, other }: Waiting): Part {
  const said = eventsOfPod(facts, pod).at(-1)?.message.slice(0, 200) ?? 'nothing was said of it';
  const { pods } = facts.look;
  const held = other ?? own;
  const intent = held === own ? 'plug-in-again' : 'take-back-attachment';
  const objection = held && objectionTo(chainOfVolume(facts.look, volume, held.node), intent);
  const says = `Pod ${pod.namespace}/${pod.name} waits for ${subjectOf(volume)}: ${said}`;
  const evidence = pods.known ? [bad([says, ...(objection ? [objection] : [])].join('. '), pods)] : [];
  return { evidence, findings: [] };
}

/** Pods on that node which have the volume: those that end there still write. */
function holdersOf({ look }: Facts, { volume }: Waiting, node: string): readonly Pod[] {
  return podsOf(look, volume).filter((pod) => pod.node === node);
}

function heldElsewhere(facts: Facts, waiting: Waiting, other: VolumeAttachment): Part {
  const { look } = facts;
  const { nodes } = look;
  const machine = look.machines.find(({ node }) => node === other.node);
  const holders = holdersOf(facts, waiting, other.node);
  const wasTurnedOff = machine !== undefined && isOff(machine);
  const holder = nodes.known && nodes.value.find(({ name }) => name === other.node);
  if (holder === undefined) return NOTHING;
  if (wasTurnedOff)
    return holders.length > 0 ? lostNode(facts, waiting, { other, machine, isOff: true }) : stale(facts, waiting, other);
  if (holder !== false && !holder.ready) return lostNode(facts, waiting, { other, machine, isOff: false });
  const healthy = holders.find((pod) => isActive(pod) && pod.ready);
  if (healthy !== undefined) return healthyHolder(facts, waiting, healthy);
  if (holders.some(isActive)) return NOTHING;
  return stale(facts, waiting, other);
}

interface Holder {
  readonly other: VolumeAttachment;
  readonly machine: MachineLook | undefined;
  readonly isOff: boolean;
}

/** Of one that is off too: an attachment that is deleted now is made again, for the pod that nobody there can end. */
function lostNode({ look }: Facts, { volume }: Waiting, { other: { node }, machine, isOff: wasTurnedOff }: Holder): Part {
  if (machine === undefined) return NOTHING;
  const texts = wasTurnedOff
    ? {
        says: `It is attached to ${node}, whose machine is off, and for Kubernetes its pod there has not ended`,
        remedy: `/storage diagnose node ${node}: the machine is started again, or the node is marked as out of service, which ends its pods and frees its volumes.`,
        doNot: `Do not delete the attachment: as long as that pod is there, Kubernetes attaches the disk to ${node} again.`,
      }
    : {
        says: `It is attached to ${node}, which does not report, and whose machine is not known to be off: its programs may still write`,
        remedy: `/storage diagnose node ${node}: whether it still writes decides. It is made sure to be off before anything is detached.`,
        doNot:
          'Do not delete the attachment or the pod by force, and do not taint the node as out of service while its machine runs.',
      };
  const proofs = [look.nodes, look.attachments, look.pods, look.volumes, machine.current];
  return found({ code: 'held-by-lost-node', subject: subjectOf(volume), ...texts }, proofs);
}

function healthyHolder({ look }: Facts, { pod, volume }: Waiting, holder: Pod): Part {
  const isJob = pod.owner?.kind === 'Job';
  return found(
    {
      code: 'held-by-healthy-pod',
      subject: `${pod.namespace}/${pod.name}`,
      says: `It waits on ${pod.node} for ${subjectOf(volume)}, which ${holder.namespace}/${holder.name} on ${holder.node} uses; that one runs and is ready`,
      remedy: isJob
        ? 'Delete the pod of the job: it gives way to the service. Give the job a podAffinity, so that it runs where the service runs.'
        : 'Only one node can have the volume. Have one pod of it, or put them on one node (strategy Recreate for a Deployment).',
      doNot: 'Do not scale the service down, do not delete the attachment and do not detach by force: the volume is in use.',
    },
    [look.pods, look.attachments, look.volumes, look.nodes],
  );
}

/** Nobody uses it there any more, and every view of it says so. */
function stale({ look }: Facts, { pod, volume }: Waiting, other: VolumeAttachment): Part {
  const chain = chainOfVolume(look, volume, other.node);
  if (objectionTo(chain, 'take-back-attachment') !== undefined) return NOTHING;
  return found(
    {
      code: 'stale-attachment',
      subject: subjectOf(volume),
      says: `Pod ${pod.namespace}/${pod.name} waits for it on ${pod.node}; it is still attached to ${other.node}, where nobody has it mounted (${linkOf(chain, 'pods')?.says ?? ''})`,
      remedy: `${notNow(look, volume, { from: other.node, to: pod.node ?? '' })}Delete its attachment to ${other.node}: the driver takes the disk off that machine, and the pod gets it.`,
      doNot: 'Do not do the same where a pod has it mounted: two machines that write to one ext4 destroy it.',
    },
    [look.pods, look.nodes, look.volumes, ...proofsOf(chain)],
  );
}

/** What must be put in order at the machines before the disk is moved. */
function notNow(look: Facts['look'], volume: PersistentVolume, move: Move): string {
  const objection = objectionToMove(look, volume, move);
  return objection === undefined ? '' : `Not before this is over: ${objection.says}. Then: `;
}

/** Kubernetes says that it is attached to the pod's own node. */
function notPluggedIn({ look }: Facts, { pod, node, volume }: Waiting): Part {
  const chain = chainOfVolume(look, volume, node);
  const machine = look.machines.find((each) => each.node === node);
  if (machine === undefined) return NOTHING;
  const is = (name: 'slot' | 'runtime' | 'device') => linkOf(chain, name)?.is;
  if (is('runtime') === 'proven' && is('device') === 'absent') return controller({ look, chain, machine, volume });
  if (chain.slot !== undefined && poisonedSlots(machine).includes(chain.slot)) return NOTHING;
  if (objectionTo(chain, 'plug-in-again') !== undefined) return NOTHING;
  return found(
    {
      code: 'wedged-hotplug',
      subject: subjectOf(volume),
      says: `Kubernetes has it attached to ${node}, and QEMU never plugged it in: ${(['slot', 'runtime', 'device'] as const).map((name) => linkOf(chain, name)?.says).join('; ')}`,
      remedy: `${notNow(look, volume, { from: node, to: node })}Delete the attachment of ${pod.namespace}/${pod.name}, which never mounted it: the driver takes the disk back and plugs it in again. If that does not help: cordon ${node}, delete the pod, and restart the machine once it is empty.`,
      doNot: 'Do not do this for a volume that is mounted.',
    },
    [look.pods, look.nodes, look.volumes, machine.objects, ...proofsOf(chain)],
  );
}
