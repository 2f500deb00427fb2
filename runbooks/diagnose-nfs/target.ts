import { Refusal } from '../../src/core/errors.ts';
import type { Site } from '../../src/core/site.ts';
import type { Asked } from '../../src/topology/asked.ts';
import type { Cluster } from '../../src/topology/cluster.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import type { Service } from '../../src/topology/service.ts';
import { nearest, orphansOf, resolveService } from '../../src/topology/service.ts';
import type { ServiceVolume } from '../../src/topology/volumes.ts';
import { isOnNas, volumesOf } from '../../src/topology/volumes.ts';

/** What a look is about. `whole` is absent where the cluster's lists could not be read. */
export interface Target {
  readonly kind: 'all' | 'node' | 'service';
  readonly whole?: Service;
}

/** Throws a Refusal for a name that the cluster does not have. */
export function targetOf({ kind, name }: Asked, look: ClusterLook, site: Site): Target {
  const { cluster } = look;
  const nodes = look.nodes.known ? look.nodes.value.map((node) => node.name) : undefined;
  if (kind === 'all') return { kind, ...(cluster && { whole: everything(cluster, site) }) };
  if (kind === 'node' && nodes?.includes(name) === false) throw noNode(name, nodes);
  if (kind === 'node' || (kind === 'either' && nodes?.includes(name)))
    return { kind: 'node', ...(cluster && { whole: ofNode(cluster, name, site) }) };
  if (cluster === undefined) return { kind: 'service' };
  // A name that no service has may be a node's, as long as the nodes could not be seen.
  const mayBeNode = kind === 'either' && nodes === undefined;
  const whole = mayBeNode ? unless('not-found', () => resolveService(cluster, name)) : resolveService(cluster, name, nodes);
  return { kind: 'service', ...(whole && { whole: withAllOfPods(whole, cluster) }) };
}

/** Of a claim's pods all volumes: none is ended where another thing that its successor needs is not well. */
function withAllOfPods(service: Service, cluster: Cluster): Service {
  const beside = volumesOf(cluster, service.pods, []).filter(
    ({ namespace, name }) => !service.volumes.some((each) => each.namespace === namespace && each.name === name),
  );
  if (beside.length === 0) return service;
  return { ...service, is: `${service.is}, with what its pods mount beside it,`, volumes: [...service.volumes, ...beside] };
}

function unless<T>(code: Refusal['code'], resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof Refusal && error.code === code) return undefined;
    throw error;
  }
}

function noNode(name: string, names: readonly string[]): Refusal {
  const near = nearest(name, names);
  return new Refusal(
    'not-found',
    `The cluster has no node ${name}. ${near.length === 0 ? `Its nodes: ${names.join(', ')}.` : `Did you mean ${near.join(', ')}?`}`,
  );
}

function everything(cluster: Cluster, site: Site): Service {
  const volumes = volumesOf(cluster, cluster.pods, cluster.workloads);
  const spaces = [...new Set([...cluster.pods, ...cluster.workloads, ...cluster.claims].map(({ namespace }) => namespace))];
  return {
    ...standingOn(volumes, site),
    name: 'all',
    is: 'The whole cluster',
    namespaces: spaces,
    orphans: orphansOf(cluster, spaces, volumes),
  };
}

/** Pods of other nodes are left out of each volume's, so that nothing of theirs is looked at or repaired. */
function ofNode(cluster: Cluster, node: string, site: Site): Service {
  const here = cluster.pods.filter((pod) => pod.node === node);
  return { ...standingOn(volumesOf(cluster, here, []), site), name: node, is: `Node ${node}`, orphans: [] };
}

/** Pods without a volume on this NAS are none of this runbook's business here. */
function standingOn(volumes: readonly ServiceVolume[], site: Site): Pick<Service, 'namespaces' | 'pods' | 'volumes'> {
  const pods = new Map(volumes.filter((each) => isOnNas(each, site)).flatMap((each) => each.pods.map((pod) => [pod.uid, pod])));
  return { namespaces: [...new Set(volumes.map(({ namespace }) => namespace))], pods: [...pods.values()], volumes };
}
