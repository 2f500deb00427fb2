import type { KubeObject } from '../kubernetes/store.ts';
import { type Ailment, driverOf, isAiling } from '../site/containers.ts';
import { uidOf } from '../site/ids.ts';
import { addWorkload } from '../site/populate.ts';
import { timestamp } from '../site/time.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import { forgetContainers } from './driver-changes.ts';

export const PROXMOX = 'csi.proxmox.sinextra.dev';
export const NFS = 'nfs.csi.k8s.io';
const DAEMON_SETS = kind('apps/v1', 'daemonsets');
const DEPLOYMENTS = kind('apps/v1', 'deployments');
const LIMIT_RANGES = kind('v1', 'limitranges');

type Ill = Omit<Ailment, 'reason' | 'exitCode'>;

export const killed = (ill: Ill): Ailment => ({ ...ill, reason: 'OOMKilled', exitCode: 137 });
export const ended = (ill: Ill, exitCode = 1): Ailment => ({ ...ill, reason: 'Error', exitCode });

const NO_ROUTE =
  'F0525 08:41:22.713021       1 main.go:118] "Failed to get node info" err="Get \\"https://10.96.0.1:443/api/v1/nodes/k8s-node1\\": dial tcp 10.96.0.1:443: connect: no route to host"';
const NO_BIRD =
  'Readiness probe failed: calico/node is not ready: BIRD is not ready: Error querying BIRD: unable to connect to BIRDv4 socket: dial unix /var/run/calico/bird.ctl: connect: no such file or directory';

export function podsOf({ cluster }: World, app: string, node?: string): KubeObject[] {
  return cluster
    .pods()
    .filter((pod) => pod.metadata.labels?.['app'] === app && (node === undefined || cluster.nodeOf(pod)?.name === node));
}

/** Lets what ails the pods show: where the driver of a node does not run any more, kubelet forgets it. */
export function fallIll(world: World, ...ailments: readonly Ailment[]): void {
  const { cluster } = world;
  cluster.ailments.push(...ailments);
  for (const pod of cluster.pods().filter((one) => ailments.some(({ workload }) => workload === one.metadata.labels?.['app']))) {
    const isIll = isAiling(cluster, pod);
    cluster.report(pod, isIll ? 'crashing' : 'ready');
    const progress = cluster.progressOf(pod);
    if (isIll && progress !== undefined) progress.nextMs = cluster.nowMs + 300_000;
    const [node, driver] = [cluster.nodeOf(pod)?.name, driverOf(pod)];
    if (isIll && node !== undefined && driver !== undefined) withoutDriver(world, node, driver);
  }
}

export function withoutDriver({ cluster }: World, node: string, driver: string): void {
  cluster.setDrivers(
    node,
    cluster.driversOf(node).filter((each) => each !== driver),
  );
}

/** The node restarted, and its network plug-in did not come up; its pod that is made anew does. */
export function networkDown(world: World, node: string): { readonly isOver: () => boolean } {
  const [calico] = podsOf(world, 'calico-node', node);
  const uid = calico?.metadata.uid;
  fallIll(
    world,
    ended({ workload: 'calico-node', container: 'calico-node', says: [NO_BIRD], has: (pod) => pod.metadata.uid === uid }),
  );
  return { isOver: () => !world.cluster.hasPod(uid ?? '') };
}

/** The block driver of these pods does not reach the API. */
export const noRoute = (has: (pod: KubeObject) => boolean): Ailment =>
  ended({ workload: 'proxmox-csi-plugin-node', container: 'proxmox-csi-plugin-node', says: [NO_ROUTE], has });

/** As long as its network plug-in is not up, the block driver of the node does not reach the API. */
export function cutOff(world: World, node: string): void {
  const network = networkDown(world, node);
  const isHere = onNode(world, node);
  fallIll(
    world,
    noRoute((pod) => isHere(pod) && !network.isOver()),
  );
}

/** The controllers of the decommissioned driver do not reach the NAS. */
export const iscsiRefused = (): Ailment =>
  ended({
    workload: 'democratic-csi-iscsi-controller',
    container: 'csi-driver',
    says: ['Error: connect ECONNREFUSED 10.0.10.15:80'],
  });

/** The token was taken away, and the controllers end at their start for it. */
export function tokenRefusedAtStart(world: World): void {
  const at = timestamp(world.time.nowMs - 60_000);
  const words = `E${at.slice(5, 7)}${at.slice(8, 10)} ${at.slice(11, 19)}.118207       1 main.go:139] "Failed to check cluster" err="not authorized to access endpoint"`;
  fallIll(world, ended({ workload: 'proxmox-csi-plugin-controller', container: 'proxmox-csi-plugin-controller', says: [words] }));
}

/** Containers that nobody knows hold the ports of the NFS driver on all workers, and of both its controllers. */
export function cascade(world: World): void {
  const { cluster } = world;
  for (const node of ['k8s-node1', 'k8s-node2', 'k8s-node3', 'k8s-node4']) forgetDriver(world, node);
  for (const pod of podsOf(world, 'csi-nfs-controller')) {
    cluster.nodeOf(pod)?.listeners.push({ port: 29_652, pid: 1790, program: 'livenessprobe', podUid: uidOf('pod/forgotten') });
    cluster.report(pod, 'crashing');
    const progress = cluster.progressOf(pod);
    if (progress !== undefined) progress.nextMs = world.time.nowMs + 300_000;
  }
}

export function onNode({ cluster }: World, ...names: readonly string[]): (pod: KubeObject) => boolean {
  return (pod) => names.includes(cluster.nodeOf(pod)?.name ?? '');
}

/** Only the pods that are there now: their successors are well. */
export function onlyNow(world: World, app: string, ...nodes: readonly string[]): (pod: KubeObject) => boolean {
  const uids = new Set(nodes.flatMap((node) => podsOf(world, app, node)).map(({ metadata }) => metadata.uid));
  return ({ metadata }) => uids.has(metadata.uid);
}

interface Limits {
  readonly [container: string]: string | undefined;
}

/** The template of the workload has these limits from now on; its pods are made anew from it where wanted. */
export function setLimits(world: World, name: string, limits: Limits, { replace }: { readonly replace: boolean }): void {
  const workload = world.cluster.workloads.find((each) => each.name === name);
  if (workload === undefined) throw new Error(`The lab has no ${name}`);
  const containers = (workload.containers ?? []).map(({ name: container, memory }) => {
    const limit = container in limits ? limits[container] : memory;
    return {
      name: container,
      image: `registry.lab.lan/${name}:1`,
      resources: limit === undefined ? {} : { limits: { memory: limit } },
    };
  });
  const resource = workload.kind === 'DaemonSet' ? DAEMON_SETS : DEPLOYMENTS;
  world.store.patch({ resource, namespace: workload.namespace, name }, { spec: { template: { spec: { containers } } } });
  if (!replace) return;
  for (const pod of podsOf(world, name)) world.cluster.forget(pod);
  world.time.advance(30_000);
}

export function refusePods(world: World): void {
  world.store.patch(
    { resource: LIMIT_RANGES, namespace: 'proxmox-csi', name: 'tier-defaults' },
    { spec: { limits: [{ type: 'Container', default: { memory: '256Mi' }, min: { memory: '64Mi' } }] } },
  );
  const owner = { namespace: 'proxmox-csi', name: 'proxmox-csi-plugin-node' };
  const index = world.cluster.workloads.findIndex(({ name }) => name === owner.name);
  const workload = world.cluster.workload(owner.namespace, owner.name);
  for (const pod of podsOf(world, owner.name, 'k8s-node4')) world.cluster.forget(pod);
  // No pod of it is made again; those that are there stay.
  world.cluster.workloads[index] = { ...workload, nodes: [] };
  withoutDriver(world, 'k8s-node4', PROXMOX);
  failedCreate(world, owner, {
    kind: 'DaemonSet',
    message:
      'Error creating: pods "proxmox-csi-plugin-node-7x2kq" is forbidden: [minimum memory usage per Container is 64Mi, but request is 32Mi, minimum memory usage per Container is 64Mi, but request is 32Mi]',
  });
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function failedCreate(
  { store, time }: World,
  { namespace, name }: Named,
  what: { readonly kind: string; readonly message: string },
) {
  const at = timestamp(time.nowMs - 60_000);
  store.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.17c0ffee`, namespace, uid: uidOf(`event/${name}/refused`) },
    involvedObject: { kind: what.kind, apiVersion: 'apps/v1', name, namespace, uid: uidOf(`${what.kind}/${namespace}/${name}`) },
    type: 'Warning',
    reason: 'FailedCreate',
    message: what.message,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 4,
  });
}

/** Containers that run on without their pod keep the driver of the node from its ports. */
export function forgetDriver(world: World, node: string): void {
  forgetContainers(world, node);
  for (const pod of podsOf(world, 'csi-nfs-node', node)) {
    world.cluster.report(pod, 'crashing');
    const progress = world.cluster.progressOf(pod);
    if (progress !== undefined) progress.nextMs = world.time.nowMs + 300_000;
  }
  withoutDriver(world, node, NFS);
}

/** The chart lost its exclusion of the control plane: all controllers are there. */
export function controllersOnMaster(world: World): void {
  const { cluster } = world;
  const workload = cluster.workload('nfs-csi', 'csi-nfs-controller');
  for (const pod of podsOf(world, 'csi-nfs-controller')) cluster.forget(pod);
  for (const slot of [0, 1]) cluster.make(workload, { slot, node: 'k8s-master' });
  world.time.advance(30_000);
}

/** Somebody still uses a volume of the driver that was to be decommissioned. */
export function useIscsi(world: World): void {
  addWorkload(world, {
    namespace: 'novelapp',
    kind: 'Deployment',
    name: 'novelapp-old',
    nodes: ['k8s-node2'],
    claims: ['novelapp-data'],
  });
}

export function encrypt({ store }: World): void {
  const [volume] = store
    .list({ resource: kind('v1', 'persistentvolumes') })
    .filter(({ metadata }) => metadata.name.startsWith('pvc-'));
  if (volume === undefined) throw new Error('The lab has no block volume');
  store.patch(
    { resource: kind('v1', 'persistentvolumes'), name: volume.metadata.name },
    { spec: { csi: { nodeStageSecretRef: { name: 'proxmox-csi-encryption', namespace: 'proxmox-csi' } } } },
  );
}

/** Killed for memory at its limit, on two nodes. */
export const nfsKilled = (world: World): Ailment =>
  killed({
    workload: 'csi-nfs-node',
    container: 'nfs',
    says: ['mounting 10.0.10.15:/mnt/main/immich/library'],
    has: onNode(world, 'k8s-node2', 'k8s-node3'),
  });
