import * as cluster from '../../src/commands/cluster.ts';
import type {
  CsiNode,
  KubeEvent,
  KubeNode,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from '../../src/commands/cluster-objects.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nearest } from '../../src/topology/service.ts';

export interface Facts {
  readonly site: Site;
  /** How the target was understood: `the whole cluster`, `namespace immich`, `pod immich/immich-server-…`. */
  readonly about: string;
  readonly pods: Seen<readonly Pod[]>;
  /** Of all that, the pods that neither ended nor are ready. */
  readonly stuck: readonly Pod[];
  readonly events: Seen<readonly KubeEvent[]>;
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
  /** The claims that wait to be bound. */
  readonly unbound: readonly PersistentVolumeClaim[];
  readonly volumes: Seen<readonly PersistentVolume[]>;
  readonly nodes: Seen<readonly KubeNode[]>;
  readonly csiNodes: Seen<readonly CsiNode[]>;
}

export interface Params {
  readonly target?: string | undefined;
}

export async function gather({ target }: Params, read: Reader, site: Site): Promise<Facts> {
  const [pods, claims, volumes, nodes, csiNodes] = await Promise.all([
    read(cluster.pods()),
    read(cluster.persistentVolumeClaims()),
    read(cluster.persistentVolumes()),
    read(cluster.nodes()),
    read(cluster.csiNodes()),
  ]);
  const asked = choose(target, pods.known ? pods.value : undefined, claims.known ? claims.value : []);
  const events = await read(asked.namespace === undefined ? cluster.events() : cluster.eventsOf(asked.namespace));
  const stuck = asked.pods.filter(isStuck);
  const unbound = (claims.known ? claims.value : []).filter(
    ({ namespace, name, phase }) => phase === 'Pending' && asked.has({ namespace, name }),
  );
  return { site, about: asked.about, pods, stuck, events, claims, unbound, volumes, nodes, csiNodes };
}

function isStuck({ phase, ready, terminatingAt }: Pod): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed' && (!ready || terminatingAt !== undefined);
}

interface Asked {
  readonly about: string;
  /** Absent for the whole cluster. */
  readonly namespace?: string;
  readonly pods: readonly Pod[];
  /** Whether a claim is meant too. */
  readonly has: (claim: { readonly namespace: string; readonly name: string }) => boolean;
}

/** A namespace before a pod; throws a Refusal with the nearest names for what is neither. */
function choose(target: string | undefined, pods: readonly Pod[] | undefined, claims: readonly PersistentVolumeClaim[]): Asked {
  if (target === undefined) return { about: 'the whole cluster', pods: pods ?? [], has: () => true };
  // Without the list of pods a name cannot be told wrong.
  if (pods === undefined) return { about: target, namespace: target.split('/', 1)[0] ?? target, pods: [], has: () => false };
  const inside = pods.filter(({ namespace }) => namespace === target);
  const isNamespace = inside.length > 0 || claims.some(({ namespace }) => namespace === target);
  if (isNamespace)
    return { about: `namespace ${target}`, namespace: target, pods: inside, has: ({ namespace }) => namespace === target };
  const named = pods.filter(({ namespace, name }) => name === target || `${namespace}/${name}` === target);
  const [pod, ...others] = named;
  if (pod === undefined) throw notFound(target, pods);
  if (others.length > 0) {
    const choices = named.map(({ namespace, name }) => `${namespace}/${name}`).toSorted();
    throw new Refusal('ambiguous', `${target} could be any of: ${choices.join(', ')}. Write one of these.`);
  }
  const mine = pod.spec.volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
  return {
    about: `pod ${pod.namespace}/${pod.name}`,
    namespace: pod.namespace,
    pods: [pod],
    has: ({ namespace, name }) => namespace === pod.namespace && mine.includes(name),
  };
}

function notFound(target: string, pods: readonly Pod[]): Refusal {
  const near = nearest(target, [...new Set(pods.flatMap(({ namespace, name }) => [namespace, name]))]);
  const offer = near.length === 0 ? 'Nothing has a similar name.' : `Did you mean ${near.join(', ')}?`;
  return new Refusal('not-found', `No namespace and no pod is named ${target}. ${offer}`);
}
