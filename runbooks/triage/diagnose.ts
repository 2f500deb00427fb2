import type { KubeEvent, PersistentVolume } from '../../src/commands/cluster-objects.ts';
import { meaningOf } from '../../src/commands/pod-events.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { csiDriverNamed } from '../../src/topology/csi-drivers.ts';
import type { Cause } from './cause.ts';
import { causeOf, serverOf } from './cause.ts';
import { sqliteServiceOf } from './databases.ts';
import { claimEvidence, keyOf, nodeEvidence, podEvidence, stateOf } from './evidence.ts';
import type { Facts } from './facts.ts';
import type { Code } from './routes.ts';
import { isOfNfs, NEXT, ON_NODE, ROUTES } from './routes.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { pods, events, claims, volumes, nodes, csiNodes, stuck, about } = facts;
  const unseen = notSeen('Objects of the cluster', [pods, events, claims, volumes, nodes, csiNodes]);
  if (!pods.known) return { evidence: unseen, findings: [] };
  const none = stuck.length === 0 ? [ok(`Every pod of ${about} that has not ended is ready`, pods)] : [];
  if (!events.known) return { evidence: [...none, ...stuck.map((pod) => bad(`${stateOf(pod)}`, pods)), ...unseen], findings: [] };
  const known = volumes.known ? volumes.value : [];
  const causes = stuck.flatMap((pod) => causeOf(pod, events.value, known) ?? []);
  return {
    evidence: [
      ...none,
      ...stuck.flatMap((pod) => podEvidence(pod, facts, { pods, events })),
      ...claimEvidence(facts, events),
      ...nodeEvidence(facts),
      ...unseen,
    ],
    findings: [...findingsOf(causes, facts, { pods, events }), ...nodesDown(facts), ...refusedPods(events)],
  };
}

interface Group {
  readonly code: Code;
  readonly subject: string;
  readonly causes: readonly [Cause, ...Cause[]];
  /** What follows the words of the next runbook; absent where there is none. */
  readonly next?: string;
}

/** Which volume is on which server must be known for what is about NFS, and for nothing else. */
function findingsOf(causes: readonly Cause[], facts: Facts, proofs: Proofs): readonly Finding<Code>[] {
  const { volumes } = facts;
  const judged = causes.filter(({ route }) => volumes.known || !isOfNfs(route));
  return groupsOf(judged, facts, volumes.known ? volumes.value : []).map((group) =>
    findingOf(
      group,
      facts,
      volumes.known && (isOfNfs(group.causes[0].route) || group.code === 'block-silent')
        ? [proofs.pods, proofs.events, volumes]
        : [proofs.pods, proofs.events],
    ),
  );
}

interface Proofs {
  readonly pods: Known<unknown>;
  readonly events: Known<unknown>;
}

/** A quota refuses a pod before it exists: whoever would have made it says so. */
function refusedPods(events: Known<readonly KubeEvent[]>): readonly Finding<Code>[] {
  const refused = events.value.filter((event) => event.warning && event.about.kind !== 'Pod' && meaningOf(event) === 'quota');
  return [...Map.groupBy(refused, ({ about }) => about.namespace ?? 'no namespace')].map(([namespace, all]) => ({
    code: ROUTES.quota.code,
    subject: namespace,
    says: `${[...new Set(all.map(({ about }) => `${about.kind} ${about.name}`))].join(', ')} may not make its pods: ${all[0]?.message.slice(0, 300)}`,
    remedy: ROUTES.quota.byHand ?? '',
    seen: [events],
  }));
}

/** Pods with one cause once, in the order of their first errors. */
function groupsOf(causes: readonly Cause[], facts: Facts, volumes: readonly PersistentVolume[]): readonly Group[] {
  const groups = new Map<string, Group>();
  const ordered = causes.toSorted(
    (a, b) => (a.event.firstAt ?? 0) - (b.event.firstAt ?? 0) || (keyOf(a.pod) < keyOf(b.pod) ? -1 : 1),
  );
  for (const cause of ordered) {
    const alike = ordered.filter(({ route }) => route.code === cause.route.code);
    const group = groupOf(cause, alike, { facts, volumes });
    const key = `${group.code} ${group.subject}`;
    const known = groups.get(key);
    groups.set(key, known === undefined ? group : { ...known, causes: [...known.causes, cause] });
  }
  return [...groups.values()];
}

interface Around {
  readonly facts: Facts;
  readonly volumes: readonly PersistentVolume[];
}

function groupOf(cause: Cause, alike: readonly Cause[], around: Around): Group {
  const { route, pod } = cause;
  const server = serverOf(cause, around.volumes);
  const nodes = new Set(alike.map((each) => each.pod.node));
  const paths = new Set(alike.filter((each) => serverOf(each, around.volumes) === server).map(({ volume }) => volume));
  const single = (subject: string, next: string): Group => ({
    code: route.code,
    subject,
    causes: [cause],
    ...(isOfNfs(route) && isOurs(server, around) && { next }),
  });
  switch (route.common) {
    case 'node':
      return { ...single(pod.node ?? 'no node', pod.node ?? 'all') };
    case 'node-or-nas':
      return nodes.size === 1 && pod.node !== undefined ? single(pod.node, pod.node) : single(server ?? 'NFS', 'all');
    case 'volume-or-nas':
      return paths.size > 1 ? single(server ?? 'NFS', 'all') : single(cause.volume ?? keyOf(pod), pod.namespace);
    case 'volume':
      return single(cause.volume ?? keyOf(pod), pod.namespace);
    case 'pod':
      return single(keyOf(pod), pod.namespace);
    case 'namespace':
      return single(pod.namespace, pod.namespace);
  }
}

/** True also where the server is not known: the runbook that is named then finds out. */
function isOurs(server: string | undefined, { facts }: Around): boolean {
  return server === undefined || facts.site.nas.nfsAddresses.includes(server);
}

function findingOf({ code, subject, causes, next }: Group, facts: Facts, seen: Finding['seen']): Finding<Code> {
  const [{ route }] = causes;
  const names = causes.map(({ pod }) => keyOf(pod));
  const many = names.length === 1 ? 'waits' : 'wait';
  const byHand =
    route.byHand ?? 'The volume is on another NFS server than the one that this bot looks after: a person looks there.';
  const more = nextRun(causes[0], facts);
  return {
    code,
    subject,
    says: `${names.join(', ')} ${many}: ${route.means}`,
    remedy: next === undefined ? [byHand, ...more].join(' ') : `Next: /storage ${NEXT.join(' ')} ${next}`,
    ...(isOfNfs(route) && { doNot: 'Do not delete the pods for it: their successors wait for the same.' }),
    seen,
  };
}

/** What to run next, where it is another runbook than that of NFS. */
function nextRun(cause: Cause, { site, volumes }: Facts): readonly string[] {
  const { next } = cause.route;
  if (next === undefined) return [];
  const { node, namespace } = cause.pod;
  const claim = volumes.known ? volumes.value.find(({ name }) => name === cause.volume)?.claimRef : undefined;
  const driver = /driver name (\S{1,253}) not found/.exec(cause.event.message.slice(0, 2_000))?.[1];
  if (next.about === 'driver' && (driver === undefined || csiDriverNamed(site, driver) === undefined)) return [];
  const service = sqliteServiceOf(site, cause.pod);
  if (next.about === 'service' && service === undefined) return [];
  const isExact = next.words[0] === 'restore';
  if (isExact && claim === undefined) return [];
  const words = {
    node: node ?? '',
    namespace,
    driver: driver ?? '',
    service: service ?? '',
    claim: claim ? `${claim.namespace}/${claim.name}` : namespace,
  };
  return [`Next: /storage ${[...next.words, words[next.about]].join(' ').trim()}`];
}

/** Whatever its pods wait for, they wait for the node first. */
function nodesDown({ nodes, pods, stuck }: Facts): readonly Finding<Code>[] {
  if (!nodes.known || !pods.known) return [];
  return nodes.value
    .filter(({ name, ready }) => !ready && stuck.some(({ node }) => node === name))
    .map(({ name }) => ({
      code: 'node-down',
      subject: name,
      says: `${name} is not ready: ${someOf(stuck.filter(({ node }) => node === name).map(keyOf))} wait for it`,
      remedy: `Next: /storage ${ON_NODE.words.join(' ')} ${name}`,
      doNot: 'Do not delete its pods or what is attached to it before it is known whether the machine still writes.',
      seen: [pods, nodes],
    }));
}

function someOf(names: readonly string[]): string {
  const more = names.length - 5;
  return more <= 0 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${more} more`;
}
