import { createHash } from 'node:crypto';
import { at, type KubeObject } from '../../kubernetes/store.ts';
import { kind } from '../volumes.ts';
import type { World } from '../world.ts';

const PODS = kind('v1', 'pods');

/** What a pod of a database has beside what every pod of the lab has. */
export interface DatabaseContainer {
  /** `postgres`, `mysql`, `redis`: what `crictl` finds its programs by. */
  readonly name: string;
  readonly image: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Lets the pods of a workload have a container that can be looked into, whenever they run: also those that come after others. */
export function giveContainers(
  world: World,
  workload: { readonly namespace: string; readonly name: string },
  containerOf: (pod: string) => DatabaseContainer,
): void {
  const give = () => {
    for (const pod of world.cluster.podsOf(world.cluster.workload(workload.namespace, workload.name)))
      giveContainer(world, pod, containerOf(pod.metadata.name));
  };
  give();
  world.time.every(1_000, give);
}

function giveContainer({ store }: World, pod: KubeObject, { name, image, ip, labels }: DatabaseContainer): void {
  const [status] = statusesOf(pod);
  const [spec] = listAt(pod, 'spec', 'containers');
  const isMade = status !== undefined && at(status, 'state', 'waiting', 'reason') !== 'ContainerCreating';
  const containerID = `containerd://${containerIdOf(pod.metadata.uid, name)}`;
  if (at(spec, 'name') === name && (!isMade || at(status, 'containerID') === containerID)) return;
  const made = isMade ? { podIP: ip, containerStatuses: [{ ...Object(status), name, image, containerID }] } : {};
  store.patch(
    { resource: PODS, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
    { metadata: { labels }, spec: { containers: [{ ...Object(spec), name, image }] }, status: made },
  );
}

/** As containerd makes them: 64 hexadecimal digits. */
export function containerIdOf(podUid: string, name: string): string {
  return createHash('sha256').update(`container/${podUid}/${name}`).digest('hex');
}

/** The container of this id, or of one that begins so, that runs on the node. */
export function containerNamed(
  { cluster }: World,
  node: string,
  id: string,
): { readonly pod: KubeObject; readonly name: string } | undefined {
  for (const pod of cluster.pods()) {
    if (at(pod, 'spec', 'nodeName') !== node) continue;
    for (const status of statusesOf(pod)) {
      const own = at(status, 'containerID');
      if (typeof own === 'string' && own.startsWith(`containerd://${id}`) && at(status, 'state', 'running') !== undefined)
        return { pod, name: String(at(status, 'name')) };
    }
  }
  return undefined;
}

function statusesOf(pod: KubeObject): readonly unknown[] {
  return listAt(pod, 'status', 'containerStatuses');
}

function listAt(object: unknown, ...path: string[]): readonly unknown[] {
  const list = at(object, ...path);
  return Array.isArray(list) ? list : [];
}
