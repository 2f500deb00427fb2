import { z } from 'zod';
import type { KubeNode, PersistentVolume, Pod, PodSpec } from '../commands/cluster-objects.ts';
import { unknownOf } from '../core/finding.ts';
import type { Foundation, FoundationKind } from '../core/foundation.ts';
import { FOUNDATION_KINDS, isShared } from '../core/foundation.ts';
import type { Reader } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import type { Cluster } from './cluster.ts';
import { keeps, made } from './cluster.ts';
import { lookAtCluster } from './cluster-look.ts';
import type { Engine } from './foundation-names.ts';
import { databaseServers, dependantsOf, hypervisorOf, NFS_DRIVER, sorted, underDriver, underShare } from './foundation-names.ts';
import { nfsPlaceOf } from './nas-users.ts';
import { isLiving } from './stopped-users.ts';
import { shareOf } from './volumes.ts';

const On = z.array(z.object({ kind: z.enum(FOUNDATION_KINDS), name: z.string() })).readonly();
const Standings = z.record(z.string(), On).readonly();

/** Who stands on what, the lowest first: plain data, to be kept for the time when the API server cannot be asked. */
export const FoundationsIndex = z
  .object({
    /** By `namespace/name`, as all but nodes and namespaces. */
    pods: Standings,
    workloads: Standings,
    claims: Standings,
    /** Persistent volumes by their names; absent in what an earlier version kept. */
    volumes: Standings.exactOptional(),
    /** What its workloads share with others. */
    namespaces: Standings,
    nodes: Standings,
    /** Names of nodes by their addresses. */
    addresses: z.record(z.string(), z.string()).readonly(),
  })
  .readonly();
export type FoundationsIndex = z.output<typeof FoundationsIndex>;

/** Before the cluster was ever read. */
export const NO_FOUNDATIONS: FoundationsIndex = {
  pods: {},
  workloads: {},
  claims: {},
  namespaces: {},
  nodes: {},
  addresses: {},
};

/** Rejects where one of the lists could not be read: then the last index, which is `before`, is still the best. */
export async function readFoundations(read: Reader, site: Site, before?: FoundationsIndex): Promise<FoundationsIndex> {
  const { cluster, nodes, lists } = await lookAtCluster(read);
  if (cluster !== undefined && nodes.known) return foundationsIndex({ ...cluster, nodes: nodes.value }, site, before);
  const reasons = unknownOf([...lists, nodes]).map(({ why }) => why.says);
  throw new Error(`the cluster could not be read: ${[...new Set(reasons)].join('; ')}`);
}

export interface ClusterWithNodes extends Cluster {
  readonly nodes: readonly KubeNode[];
}

type On = readonly Foundation[];
type ByName = ReadonlyMap<string, On>;

export function foundationsIndex(cluster: ClusterWithNodes, site: Site, before = NO_FOUNDATIONS): FoundationsIndex {
  const claims = claimsOf(cluster, site);
  const pods = cluster.pods
    .filter(isLiving)
    .map((pod) => ({ pod, workload: workloadOf(pod, cluster), on: podOn(pod, claims, site) }));
  const own = workloadsOf(pods, claims, { cluster, site });
  const databases = databasesUnder(own, site);
  const whole = (workload: string, on: On): On =>
    sorted([...on, { kind: 'workload', name: workload }, ...(databases.get(workload) ?? [])]);
  const workloads = [...own].map(([name, on]) => [name, whole(name, [...on, ...lostBy(name, cluster, before)])] as const);
  return {
    pods: Object.fromEntries(pods.map(({ pod, workload, on }) => [keyOf(pod), whole(workload, on)])),
    workloads: Object.fromEntries(workloads),
    claims: Object.fromEntries(claims),
    volumes: Object.fromEntries(cluster.volumes.map((volume) => [volume.name, sorted(volumeOn(volume, site))])),
    namespaces: namespacesOf(workloads),
    nodes: Object.fromEntries(cluster.nodes.map(({ name }) => [name, nodeOn(name, pods, site)])),
    addresses: Object.fromEntries(cluster.nodes.flatMap(({ name, internalIp }) => (internalIp ? [[internalIp, name]] : []))),
  };
}

/** Of the nodes that a workload ran on those that are down: that its pods were deleted there does not undo what it did to them. */
function lostBy(workload: string, { nodes }: ClusterWithNodes, before: FoundationsIndex): On {
  const down = nodes.filter(({ ready }) => !ready).map(({ name }) => name);
  return (before.workloads[workload] ?? []).filter(({ kind, name }) => kind === 'node' && down.includes(name));
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** What an operator makes without a workload between is named after the operator's object; a pod of nobody is its own workload. */
function workloadOf(pod: Pod, { workloads }: Cluster): string {
  const maker = workloads.find((each) => each.namespace === pod.namespace && made(each, pod));
  return `${pod.namespace}/${maker?.name ?? pod.owner?.name ?? pod.name}`;
}

function claimsOf({ claims, volumes }: Cluster, site: Site): ByName {
  const byName = new Map(volumes.map((volume) => [volume.name, volume]));
  return new Map(
    claims.map((claim) => {
      const volume = claim.volume === undefined ? undefined : byName.get(claim.volume);
      const under = volume === undefined ? hypervisorOf(site) : volumeOn(volume, site);
      return [keyOf(claim), sorted([...under, { kind: 'claim', name: keyOf(claim) }])];
    }),
  );
}

function volumeOn(volume: PersistentVolume, site: Site): On {
  const share = nfsPlaceOf(volume);
  const { driver } = volume.csi ?? {};
  if (share !== undefined)
    return [...underShare(share, site), ...(driver === undefined ? [] : [{ kind: 'driver', name: driver } as const])];
  return driver === undefined ? hypervisorOf(site) : underDriver(driver, site);
}

function specOn(namespace: string, { volumes }: Pick<PodSpec, 'volumes'>, { claims, site }: { claims: ByName; site: Site }): On {
  return volumes.flatMap(({ persistentVolumeClaim, nfs, csi }): On => {
    if (nfs !== undefined) return underShare(nfs, site);
    const share = shareOf(csi?.volumeAttributes);
    if (share !== undefined) return [...underShare(share, site), { kind: 'driver', name: NFS_DRIVER }];
    if (persistentVolumeClaim === undefined) return [];
    const name = `${namespace}/${persistentVolumeClaim.claimName}`;
    return claims.get(name) ?? [{ kind: 'claim', name }];
  });
}

function podOn({ namespace, node, spec }: Pod, claims: ByName, site: Site): On {
  const machine = node === undefined ? [] : [{ kind: 'node', name: node } as const];
  return [...hypervisorOf(site), ...machine, ...specOn(namespace, spec, { claims, site })];
}

interface Placed {
  readonly pod: Pod;
  readonly workload: string;
  readonly on: On;
}

/** Of each what its pods, its template and the claims that it keeps stand on. */
function workloadsOf(pods: readonly Placed[], claims: ByName, { cluster, site }: { cluster: Cluster; site: Site }): ByName {
  const all = new Map<string, Foundation[]>();
  const add = (name: string, on: On) => all.set(name, [...(all.get(name) ?? []), ...on]);
  for (const { workload, on } of pods) add(workload, on);
  for (const workload of cluster.workloads) {
    const kept = cluster.claims.filter((claim) => keeps(workload, claim)).flatMap((claim) => claims.get(keyOf(claim)) ?? []);
    add(keyOf(workload), [...hypervisorOf(site), ...specOn(workload.namespace, workload.spec, { claims, site }), ...kept]);
  }
  return new Map([...all].map(([name, on]) => [name, sorted(on)]));
}

const ENGINES: readonly Engine[] = ['postgres', 'mysql', 'redis'];

/** Of a server of databases itself, and of whoever uses it all that may take the server away, but the nodes that it can leave. */
function databasesUnder(own: ByName, site: Site): ByName {
  const under = new Map<string, Foundation[]>();
  const servers = databaseServers(site);
  for (const engine of ENGINES) {
    for (const server of servers[engine]) {
      const movable = (own.get(server.name) ?? []).filter((each) => isShared(each) && each.kind !== 'node');
      for (const name of [server.name, ...dependantsOf(engine, site)])
        under.set(name, [...(under.get(name) ?? []), ...movable, server]);
    }
  }
  return under;
}

function namespacesOf(workloads: readonly (readonly [string, On])[]): FoundationsIndex['namespaces'] {
  const byNamespace = Map.groupBy(workloads, ([name]) => name.slice(0, name.indexOf('/')));
  return Object.fromEntries(
    [...byNamespace].map(([name, all]) => {
      const shared = all.flatMap(([, on]) => on.filter(isShared));
      return [name, sorted([...shared, { kind: 'namespace', name }])];
    }),
  );
}

const OF_SHARES: readonly string[] = ['network', 'pool', 'nas'] satisfies FoundationKind[];

/** Programs of a node hang with the shares that its pods mount. */
function nodeOn(name: string, pods: readonly Placed[], site: Site): On {
  const own = pods.filter(({ pod }) => pod.node === name);
  const shares = own.flatMap(({ on }) => on.filter(({ kind }) => OF_SHARES.includes(kind)));
  return sorted([...hypervisorOf(site), ...shares, { kind: 'node', name }]);
}
