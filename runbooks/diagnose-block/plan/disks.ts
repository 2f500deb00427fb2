import type { Finding } from '../../../src/core/finding.ts';
import type { Step } from '../../../src/core/plan.ts';
import { dropLeftover } from '../../../src/repairs/block-leftover.ts';
import { cordonFull, giveWay, restartBlockDriver, startElsewhere } from '../../../src/repairs/block-pods.ts';
import { chainOfVolume } from '../../../src/topology/block-chain.ts';
import { hasFreeSlot } from '../../../src/topology/block-machine.ts';
import { slotNumber } from '../../../src/topology/block-names.ts';
import { podsOn } from '../diagnose/drivers.ts';
import type { Waiting } from '../diagnose/waiting.ts';
import { waitingIn } from '../diagnose/waiting.ts';
import type { Facts } from '../facts.ts';
import { podsOf, subjectOf } from '../facts.ts';
import { takeBackAttachment } from './attachment.ts';

/** Of a pod that waits on another node. */
export function takeFromOther(because: Finding, facts: Facts): readonly Step[] {
  const waiting = waitingIn(facts).find(({ volume, other }) => subjectOf(volume) === because.subject && other !== undefined);
  return waiting?.other === undefined ? [] : takeBack(because, facts, { waiting, attachment: waiting.other });
}

/** Of the waiting pod itself, which never mounted it: it is made anew, and plugged in again. */
export function tryAgain(because: Finding, facts: Facts): readonly Step[] {
  const waiting = waitingIn(facts).find(({ volume, own }) => subjectOf(volume) === because.subject && own?.attached === true);
  return waiting?.own === undefined ? [] : takeBack(because, facts, { waiting, attachment: waiting.own });
}

interface Taking {
  readonly waiting: Waiting;
  readonly attachment: NonNullable<Waiting['own']>;
}

function takeBack(because: Finding, { site, look }: Facts, { waiting, attachment }: Taking): readonly Step[] {
  const { volume, pod } = waiting;
  const chain = chainOfVolume(look, volume, attachment.node);
  const intent = attachment.node === pod.node ? 'plug-in-again' : 'take-back-attachment';
  const step = takeBackAttachment({ site, look, chain, attachment, pod, because, intent });
  return step === undefined ? [] : [step];
}

/** First the slot, then the attachments that were promised it: as long as it is not free the next attempt fails as well. */
export function freeSlot(because: Finding, facts: Facts): readonly Step[] {
  const [node = '', name = ''] = because.subject.split('/');
  const slot = slotNumber(name);
  const vmid = facts.look.machines.find((each) => each.node === node)?.vmid;
  if (slot === undefined || vmid === undefined) return [];
  const drop = dropLeftover({ site: facts.site, node, vmid, slot, because });
  const waiting = waitingIn(facts).find(
    ({ node: its, volume, own }) =>
      its === node && own?.attached === true && chainOfVolume(facts.look, volume, node).slot === slot,
  );
  if (drop === undefined) return [];
  return waiting?.own === undefined ? [drop] : [drop, ...takeBack(because, facts, { waiting, attachment: waiting.own })];
}

/** The pods that wait there start elsewhere, where a machine has room; nobody who has a disk there is touched. */
export function relieve(because: Finding, facts: Facts): readonly Step[] {
  const { nodes, pods, machines } = facts.look;
  const node = because.subject;
  if (!nodes.known || !pods.known) return [];
  const open = nodes.value.filter(
    ({ name, ready, cordoned, controlPlane }) => name !== node && ready && !cordoned && !controlPlane,
  );
  if (!open.some(({ name }) => machines.some((machine) => machine.node === name && hasFreeSlot(machine)))) return [];
  const known = pods.value.map(({ uid }) => uid);
  const waiting = waitingIn(facts).filter(({ node: its, own }) => its === node && own?.attached !== true);
  const unique = [...new Map(waiting.map(({ pod }) => [pod.uid, pod])).values()];
  const moves = unique.map((pod) => startElsewhere(pod, known, because)).filter((step) => step !== undefined);
  const isCordoned = nodes.value.some(({ name, cordoned }) => name === node && cordoned);
  return moves.length === 0 ? [] : [...(isCordoned ? [] : [cordonFull(node, because)]), ...moves.slice(0, MOST_PODS)];
}

const MOST_PODS = 9;

/** Only the pod of a job: what else waits is for whoever runs it twice. */
export function deleteJobPod(because: Finding, facts: Facts): readonly Step[] {
  const waiting = waitingIn(facts).find(({ pod }) => `${pod.namespace}/${pod.name}` === because.subject);
  if (waiting === undefined || waiting.pod.owner?.kind !== 'Job') return [];
  const holder = podsOf(facts.look, waiting.volume).find((pod) => pod.node === waiting.other?.node && pod.ready);
  return holder === undefined ? [] : [giveWay(waiting.pod, holder, because)];
}

/** Only once the network of the node is there: the driver's pod needs it to register. */
export function restartDriver(because: Finding, facts: Facts): readonly Step[] {
  const node = because.subject;
  const { driver, network } = podsOn(facts, node);
  const [pod, second] = driver;
  const ready = network.find((each) => each.ready);
  // One that has not started yet may only need time.
  if (pod?.phase !== 'Running' || second !== undefined || ready === undefined || pod.terminatingAt !== undefined) return [];
  return [restartBlockDriver({ node, pod, network: ready, because })];
}
