import { at, type KubeObject } from '../kubernetes/store.ts';
import { volumeNamed } from '../site/block.ts';
import type { Ailment } from '../site/containers.ts';
import { logicalName } from '../site/populate-block.ts';
import { timestamp } from '../site/time.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';

const PODS = kind('v1', 'pods');
const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');
const CLUSTERS = kind('postgresql.cnpg.io/v1', 'clusters');

const CLUSTER = { resource: CLUSTERS, namespace: 'dbaas', name: 'pg-cluster' };

/** Changes fields of the operator's object. */
export function setCluster({ store }: World, patch: Readonly<Record<string, unknown>>): void {
  store.patch(CLUSTER, patch);
}

export function setPhase(world: World, phase: string, status: Readonly<Record<string, unknown>> = {}): void {
  setCluster(world, { status: { phase, ...status } });
}

/** Somebody deleted it, and a finalizer keeps it for now. */
export function deleteCluster({ store, time }: World, { isGone }: { readonly isGone: boolean }): void {
  if (!isGone) store.patch(CLUSTER, { metadata: { finalizers: ['example.org/keeps-it'] } });
  store.delete(CLUSTER, { uid: store.get(CLUSTER).metadata.uid });
  time.advance(1_000);
}

export function instance(world: World, name: string): KubeObject {
  const found = world.cluster.pods().find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`The lab has no pod ${name}`);
  return found;
}

/** The pod runs, and its server is not ready. */
export function unready({ store }: World, { metadata, ...pod }: KubeObject): void {
  const conditions = listAt(pod, 'status', 'conditions').map((one) =>
    ['Ready', 'ContainersReady'].includes(String(at(one, 'type'))) ? { ...Object(one), status: 'False' } : one,
  );
  const containerStatuses = listAt(pod, 'status', 'containerStatuses').map((one) => ({ ...Object(one), ready: false }));
  const name = { resource: PODS, namespace: metadata.namespace ?? '', name: metadata.name };
  store.patch(name, { status: { conditions, containerStatuses } });
}

/** The pods end and do not come back; with their claims, of which the volumes stay. */
export function endInstances(world: World, { claims = false, only }: { claims?: boolean; only?: string } = {}): void {
  const { cluster, store } = world;
  const workload = cluster.workload('dbaas', 'pg-cluster');
  for (const pod of cluster.podsOf(workload)) {
    const { name } = pod.metadata;
    if (only !== undefined && only !== name) continue;
    cluster.forget(pod);
    if (!claims) continue;
    const claim = store.get({ resource: CLAIMS, namespace: 'dbaas', name });
    store.patch({ resource: VOLUMES, name: String(at(claim, 'spec', 'volumeName')) }, { status: { phase: 'Released' } });
    store.delete({ resource: CLAIMS, namespace: 'dbaas', name }, { uid: claim.metadata.uid });
  }
}

/** As the instance manager writes it. */
export function logged(world: World, pod: string, message: string): string {
  const record = { log_time: timestamp(world.time.nowMs), error_severity: 'FATAL', message, backend_type: 'startup' };
  return JSON.stringify({
    level: 'info',
    ts: timestamp(world.time.nowMs),
    logger: 'postgres',
    msg: 'record',
    logging_pod: pod,
    record,
  });
}

/** The server of an instance ends again and again, and says why. */
export function crash(world: World, pod: string, { says, exitCode = 1 }: { says: string; exitCode?: number }): void {
  ail(world, pod, { reason: 'Error', exitCode, says: [logged(world, pod, says)] });
  world.cluster.report(instance(world, pod), 'crashing');
  world.databases.postgres?.servers.set(pod, 'stopped');
}

export function ail(world: World, pod: string, how: Pick<Ailment, 'reason' | 'exitCode' | 'says' | 'onceMs'>): void {
  const has = ({ metadata }: KubeObject) => metadata.name === pod;
  world.cluster.ailments.push({ workload: 'pg-cluster', container: 'postgres', has, ...how });
}

/** How full its volume is, and how much of that is write-ahead log. */
export function fill(
  { hypervisor, databases }: World,
  pod: string,
  { freeBytes, walBytes }: { freeBytes: number; walBytes: number },
): void {
  const fileSystem = volumeNamed(hypervisor, logicalName({ namespace: 'dbaas', claim: pod }))?.fileSystem;
  if (fileSystem === undefined || fileSystem === null) throw new Error(`The lab has no file system of ${pod}`);
  fileSystem.usedBytes = fileSystem.sizeBytes - Math.round(freeBytes);
  databases.postgres?.walBytes.set(pod, walBytes);
}

/** The replica reads nothing any more, and its slot keeps the log for it. */
export function idle(world: World, keptBytes: number): void {
  const { slots, replicas } = world.databases.postgres ?? { slots: [], replicas: [] };
  for (const slot of slots) Object.assign(slot, { active: false, walStatus: 'extended', keptBytes: Math.round(keptBytes) });
  replicas.splice(0);
}

function listAt(object: unknown, ...path: string[]): readonly unknown[] {
  const list = at(object, ...path);
  return Array.isArray(list) ? list : [];
}
