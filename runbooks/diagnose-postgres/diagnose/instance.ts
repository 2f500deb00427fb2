import type { KubeEvent } from '../../../src/commands/cluster-objects.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { ok } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { Facts, InstanceFacts } from '../facts.ts';
import { containerOf, nameOf } from '../facts.ts';
import { isFull } from './space.ts';
import { failureIn, lastWordsIn, NOT_LOST, spokenIn } from './words.ts';

/** One instance: that it runs, or the first thing that keeps it from running. */
export function aboutInstance(facts: Facts, instance: InstanceFacts): Diagnosis<Code> {
  const { pods } = facts.look;
  if (!pods.known) return NOTHING;
  const one = { facts, instance, pods };
  if (instance.pod.ready) return cannotJoin(one) ?? running(instance, pods);
  if (isFenced(facts, instance) || facts.look.cluster?.hibernated === true) return NOTHING;
  const cause = onDeadNode(one) ?? notScheduled(one) ?? notAttached(one);
  if (cause !== undefined) return cause;
  if (isFull(instance)) return NOTHING;
  return cannotJoin(one) ?? neverBegan(one) ?? down(one);
}

export interface One {
  readonly facts: Facts;
  readonly instance: InstanceFacts;
  readonly pods: Known<unknown>;
}

function running({ pod, state, role }: InstanceFacts, pods: Known<unknown>): Diagnosis<Code> {
  if (state?.known !== true) return NOTHING;
  const { inRecovery, version, timeline } = state.value;
  const does = inRecovery ? 'follows another server' : 'takes writes';
  const label = role === undefined ? 'without a role' : `labelled ${role}`;
  return told(ok(`${pod.name} runs on ${pod.node}, ${label}: PostgreSQL ${version} ${does}, timeline ${timeline}`, pods, state));
}

function isFenced({ look: { cluster } }: Facts, { pod }: InstanceFacts): boolean {
  return cluster?.fenced.some((name) => name === '*' || name === pod.name) ?? false;
}

function subjectOf({ pod }: InstanceFacts): string {
  return `${pod.namespace}/${pod.name}`;
}

function onDeadNode({ facts: { nodes }, instance, pods }: One): Diagnosis<Code> | undefined {
  const { pod } = instance;
  if (!nodes.known) return undefined;
  const node = nodes.value.find(({ name }) => name === pod.node);
  if (node === undefined || node.ready) return undefined;
  return found<Code>({
    code: 'node-down',
    subject: subjectOf(instance),
    says: `${pod.name} is on ${node.name}, which is not ready`,
    remedy: `See what is the matter with the node: /storage diagnose node ${node.name}.`,
    doNot: `${NOT_LOST} Do not delete its claim or its attachment: the node may still write to the volume.`,
    seen: [pods, nodes],
  });
}

function eventsOf({ facts: { events }, instance }: One, reasons: readonly string[]): Known<readonly KubeEvent[]> | undefined {
  if (!events.known) return undefined;
  const value = events.value.filter(({ reason, about }) => about.uid === instance.pod.uid && reasons.includes(reason));
  return value.length === 0 ? undefined : { ...events, value };
}

function lastOf({ value }: Known<readonly KubeEvent[]>): string {
  return (value.at(-1)?.message ?? '').slice(0, 300);
}

function notScheduled(one: One): Diagnosis<Code> | undefined {
  const { instance, pods } = one;
  const events = eventsOf(one, ['FailedScheduling']);
  if (instance.pod.node !== undefined || events === undefined) return undefined;
  return found<Code>({
    code: 'not-scheduled',
    subject: subjectOf(instance),
    says: `No node takes ${instance.pod.name}: ${lastOf(events)}`,
    remedy: 'See whether a node has a free slot for its volume (/storage diagnose block), memory, and no cordon.',
    doNot: `${NOT_LOST} Do not delete its claim: its data are on that volume.`,
    seen: [pods, events],
  });
}

function notAttached(one: One): Diagnosis<Code> | undefined {
  const { instance, pods } = one;
  const { pod } = instance;
  const events = eventsOf(one, ['FailedAttachVolume', 'FailedMount']);
  if (events === undefined || (pod.phase !== 'Pending' && !pod.waits.includes('ContainerCreating'))) return undefined;
  return found<Code>({
    code: 'not-attached',
    subject: subjectOf(instance),
    says: `The volume of ${pod.name} does not come to ${pod.node ?? 'its node'}: ${lastOf(events)}`,
    remedy: `The data are there and out of reach: /storage diagnose block ${pod.namespace}/${pod.name}.`,
    doNot: `${NOT_LOST} Do not delete the claim, and do not delete an attachment before it is proven that nobody has the volume mounted.`,
    seen: [pods, events],
  });
}

/** Of the start of a replica, of the server that it asks, and where the log that it needs was removed meanwhile. */
const PARTED =
  /requested (?:starting point [0-9A-F]+\/[0-9A-F]+ on )?timeline \d+ is not (?:in|a child of) this server's history|highest timeline \d+ of the primary is behind recovery timeline \d+|requested WAL segment [0-9A-F]{24} has already been removed/;

/** Never of the primary: for the operator, by its label, and because another server takes the writes by its own word. */
export function cannotJoin({ facts, instance, pods }: One): Diagnosis<Code> | undefined {
  const { clusters, cluster, primary } = facts.look;
  const { pod, role, log } = instance;
  if (!clusters.known || log?.known !== true || !('container' in primary) || role !== 'replica') return undefined;
  const line = failureIn(log.value);
  if (line === undefined || !PARTED.test(line) || primary.pod.name === pod.name || cluster?.currentPrimary === pod.name)
    return undefined;
  const { name, namespace } = pod;
  return found<Code>({
    code: 'replica-cannot-join',
    subject: subjectOf(instance),
    says: `${name} is a replica that can never follow the primary ${primary.pod.name} again: "${spokenIn(line)}"`,
    remedy: `A person deletes the claim and the pod of this replica, and the operator makes another from the primary: kubectl delete pvc/${name} pod/${name} --namespace=${namespace}. Look again right before that ${primary.pod.name} is the primary, and that the volume's policy is Retain: what ${name} wrote after the histories parted is there alone, until nobody misses anything.`,
    doNot: `Do not restore and do not promote ${name}: the primary ${primary.pod.name} is well. Do not delete anything of ${primary.pod.name}: its number tells nothing, its label and its own word do.`,
    seen: [clusters, pods, log, primary.state],
  });
}

/** Its container was not made, for a reason that no event about its node or volume tells: an image, an admission, a kubelet that does not come to it. */
function neverBegan(one: One): Diagnosis<Code> | undefined {
  const { facts, instance, pods } = one;
  const { events, containers } = facts;
  const { pod, log } = instance;
  if (log !== undefined || !containers.known || !events.known) return undefined;
  const waits = containerOf(facts, instance)?.waits ?? pod.phase;
  const last = events.value.findLast(({ about }) => about.uid === pod.uid)?.message;
  return found<Code>({
    code: 'instance-down',
    subject: subjectOf(instance),
    says: `PostgreSQL of ${pod.name} has not begun on ${pod.node ?? 'any node'} (${waits}). ${last === undefined ? 'No event says why' : `The last event: "${last.slice(0, 300)}"`}`,
    remedy: `Ask again in a minute. If it stays so: /storage diagnose block ${subjectOf(instance)}, and the kubelet of its node.`,
    doNot: `${NOT_LOST} Do not delete its claim: its data are on that volume.`,
    seen: [pods, containers, events],
  });
}

function down({ facts, instance, pods }: One): Diagnosis<Code> {
  const { pod, log } = instance;
  const { containers } = facts;
  const state = containerOf(facts, instance);
  if (!containers.known || log?.known !== true) return NOTHING;
  const words = lastWordsIn(log.value);
  const how = state?.waits ?? (state?.runs === true ? 'runs and is not ready' : 'does not run');
  const ended = state?.ended === undefined ? '' : `, ended last with ${state.ended.exitCode} (${state.ended.reason})`;
  const isPrimary = facts.look.cluster?.currentPrimary === pod.name;
  return found<Code>({
    code: 'instance-down',
    subject: subjectOf(instance),
    says: `PostgreSQL of ${pod.name}, ${isPrimary ? 'the primary' : 'a replica'} of ${nameOf(facts)}, is not ready (${how}${ended}). ${words === undefined ? 'It wrote nothing' : `Its last words: "${words}"`}`,
    remedy: `Read its log: kubectl logs --namespace=${pod.namespace} ${pod.name} --container=postgres. After a crash it replays its write-ahead log, which takes minutes and needs nobody.`,
    doNot: `${NOT_LOST} Do not run pg_resetwal and do not delete ${isPrimary ? 'anything of the primary' : 'its claim'} before its words are understood.`,
    seen: [pods, containers, log],
  });
}
