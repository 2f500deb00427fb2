import { at, type KubeObject, type NewObject, type ObjectStore } from '../kubernetes/store.ts';
import { kind } from './volumes.ts';
import { ownVolumes, type Workload } from './workload.ts';

const RESOURCES = {
  Deployment: kind('apps/v1', 'deployments'),
  StatefulSet: kind('apps/v1', 'statefulsets'),
  DaemonSet: kind('apps/v1', 'daemonsets'),
};

type Kept = Map<string, KubeObject | undefined>;

/** The API server's objects by their workloads until one of them changes: controllers ask each second. */
const kept = new WeakMap<ObjectStore, Kept>();

function keptOf(store: ObjectStore): Kept {
  const known = kept.get(store);
  if (known !== undefined) return known;
  const made: Kept = new Map();
  store.onChange(({ object }) => object.kind in RESOURCES && made.clear());
  kept.set(store, made);
  return made;
}

/** What the API server has of the workload; an operator's cluster has no template. */
function objectOf(store: ObjectStore, { kind: its, namespace, name }: Workload): KubeObject | undefined {
  if (its === 'Cluster' || its === 'Job') return undefined;
  const all = keptOf(store);
  const key = `${its}/${namespace}/${name}`;
  if (!all.has(key)) all.set(key, store.get({ resource: RESOURCES[its], namespace, name }));
  return all.get(key);
}

/** The nodes for as many pods as somebody wants of it now. */
export function wantedBy(store: ObjectStore, workload: Workload): readonly string[] {
  const replicas = workload.kind === 'DaemonSet' ? undefined : at(objectOf(store, workload), 'spec', 'replicas');
  return typeof replicas === 'number' ? workload.nodes.slice(0, replicas) : workload.nodes;
}

/** The pod with the volumes that its template has now. */
export function asTemplated(store: ObjectStore, workload: Workload, pod: NewObject): NewObject {
  const volumes = at(objectOf(store, workload), 'spec', 'template', 'spec', 'volumes') ?? at(pod, 'spec', 'volumes');
  const all = [...(Array.isArray(volumes) ? volumes : []), ...ownVolumes(workload, pod.metadata.name ?? '')];
  return { ...pod, spec: { ...Object(pod['spec']), volumes: all } };
}
