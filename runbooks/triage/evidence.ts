import type { KubeEvent, Pod } from '../../src/commands/cluster-objects.ts';
import type { Evidence } from '../../src/core/finding.ts';
import { bad, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { causeOf, eventsAbout, harmlessOf, routeOf } from './cause.ts';
import { databaseRunOf } from './databases.ts';
import type { Facts } from './facts.ts';
import { NEXT } from './routes.ts';

export function keyOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

export function stateOf(pod: Pod): string {
  const state = pod.terminatingAt === undefined ? `${pod.phase} and not ready` : 'being ended';
  return `Pod ${keyOf(pod)} on ${pod.node ?? 'no node'} is ${state}`;
}

/** Each of its events in the order in which they were first said, with what each means. */
export function podEvidence(
  pod: Pod,
  { volumes, site }: Facts,
  { pods, events }: { readonly pods: Known<unknown>; readonly events: Known<readonly KubeEvent[]> },
): Evidence[] {
  const said = eventsAbout(pod, events.value);
  if (said.length === 0) return [bad(`${stateOf(pod)}, and no event says why: ${HOW_ELSE}. ${nextFor(pod, site)}`, pods, events)];
  return [
    bad(
      causeOf(pod, events.value, volumes.known ? volumes.value : []) === undefined
        ? `${stateOf(pod)}, and none of its events says why. ${nextFor(pod, site)}`
        : stateOf(pod),
      pods,
    ),
    ...said.map((event) => {
      const text = `${keyOf(pod)}: ${event.reason}: ${event.message.slice(0, 400)}`;
      const harmless = harmlessOf(event);
      if (harmless !== undefined) return ok(`${text} (${harmless})`, events);
      return bad(routeOf(event) === undefined ? `${text} (a text that the triage does not know)` : text, events);
    }),
  ];
}

const HOW_ELSE =
  'events are kept for about an hour, and a program that ends by itself says why in its log ("database disk image is malformed" there is damage)';

/** A pod that waits without a word may wait for a mount that hangs, or for the owners of its files; one of a database says more itself. */
function nextFor(pod: Pod, site: Site): string {
  const own = databaseRunOf(site, pod);
  if (own !== undefined) return `What it is there for knows more: /storage ${own}`;
  return `What its NFS volumes say: /storage ${NEXT.join(' ')} ${pod.namespace}`;
}

/** A claim that waits for its first pod is well; what is said of any other is shown. */
export function claimEvidence({ unbound, claims }: Facts, events: Known<readonly KubeEvent[]>): Evidence[] {
  if (!claims.known) return [];
  return unbound.map(({ namespace, name }) => {
    const said = events.value.filter(
      ({ about }) => about.kind === 'PersistentVolumeClaim' && about.namespace === namespace && about.name === name,
    );
    const harmless = said.map(harmlessOf).find((text) => text !== undefined);
    if (harmless !== undefined && said.every((event) => harmlessOf(event) !== undefined))
      return ok(`Claim ${namespace}/${name} is not bound: ${harmless}`, claims, events);
    const why = said.map(({ message }) => message.slice(0, 300)).join('; ') || 'no event says why';
    return bad(`Claim ${namespace}/${name} is not bound: ${why}`, claims, events);
  });
}

/** Nodes of the pods that wait: whether they are ready and have the drivers that others have. */
export function nodeEvidence({ nodes, csiNodes, stuck }: Facts): Evidence[] {
  const names = new Set(stuck.flatMap(({ node }) => node ?? []));
  const down = nodes.known ? nodes.value.filter(({ name, ready }) => names.has(name) && !ready) : [];
  const drivers = csiNodes.known ? csiNodes.value.filter(({ node }) => names.has(node)) : [];
  return [
    ...(nodes.known ? down.map(({ name }) => bad(`Node ${name} is not ready: its pods wait for it`, nodes)) : []),
    ...(csiNodes.known
      ? drivers.map(({ node, drivers: all }) => ok(`Drivers on ${node} now: ${all.join(', ') || 'none'}`, csiNodes))
      : []),
  ];
}
