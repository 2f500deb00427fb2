import { at, type KubeObject } from '../kubernetes/store.ts';
import {
  type Attachment,
  attachmentsOf,
  createAttachment,
  deleteAttachment,
  release,
  reportAttached,
  reportError,
  type Wanted,
} from './attachments.ts';
import { publish, unpublish } from './block-driver.ts';
import type { Cluster } from './cluster.ts';
import { timestamp } from './time.ts';
import { kind, PROXMOX_DRIVER, text, volumesOf } from './volumes.ts';

const NODES = kind('v1', 'nodes');
const VOLUMES = kind('v1', 'persistentvolumes');

/** How long it waits until a node that does not report has let go of a volume. */
const FORCED_AFTER_MS = 360_000;
const ATTACH_TAKES_MS = 2_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 120_000;

interface Claimed extends Wanted {
  readonly pods: readonly KubeObject[];
}

interface Progress {
  nextMs: number;
  delayMs: number;
  /** Since when nothing wants it any more. */
  unwantedSinceMs?: number;
  /** The attachment is being deleted, which is tried at once. */
  isDeleting: boolean;
  /** Uids of the pods that know that another node has it. */
  readonly told: Set<string>;
}

/** The attach/detach controller of Kubernetes together with the attacher of the Proxmox driver. */
export function attachDetach(cluster: Cluster): () => void {
  const { store } = cluster.parts;
  const progress = new Map<string, Progress>();
  let isDue = true;
  let wanted: readonly Claimed[] | undefined;
  store.onChange(({ object: { kind: its } }) => {
    const isOfPods = ['Pod', 'PersistentVolume', 'PersistentVolumeClaim'].includes(its);
    if (isOfPods) wanted = undefined;
    isDue ||= isOfPods || ['VolumeAttachment', 'Node', 'CSINode'].includes(its);
  });
  return () => {
    if (!isDue) return;
    wanted ??= wantedOf(cluster);
    isDue = settle(cluster, wanted, progress) > 0;
  };
}

/** Moves everything one step on; returns how much is not as it is wanted. */
function settle(cluster: Cluster, wanted: readonly Claimed[], progress: Map<string, Progress>): number {
  const held = attachmentsOf(cluster.parts.store);
  const isOf = (one: Wanted, { volume, node }: Pick<Attachment, 'volume' | 'node'>) => one.volume === volume && one.node === node;
  let open = 0;
  for (const one of wanted) {
    const own = held.find((attachment) => isOf(one, attachment));
    if (own?.attached === true && !own.deleting) continue;
    open += 1;
    if (own === undefined) claim(cluster, one, { wanted, held, progress: progressOf(cluster, progress, one) });
    else if (!own.deleting) attach(cluster, one, { own, progress: progressOf(cluster, progress, one) });
  }
  for (const own of held) {
    const state = progressOf(cluster, progress, own);
    if (own.deleting) detach(cluster, own, state);
    else if (wanted.some((one) => isOf(one, own))) delete state.unwantedSinceMs;
    else if (mayGo(cluster, own, state)) deleteAttachment(cluster.parts.store, own);
    else continue;
    open += 1;
  }
  return open + held.filter((own) => !wanted.some((one) => isOf(one, own))).length;
}

function progressOf({ nowMs }: Cluster, all: Map<string, Progress>, { volume, node }: Pick<Wanted, 'volume' | 'node'>): Progress {
  const key = `${node}/${volume}`;
  const known = all.get(key) ?? { nextMs: nowMs, delayMs: FIRST_RETRY_MS, isDeleting: false, told: new Set<string>() };
  all.set(key, known);
  return known;
}

/** What the pods need that are on a node and have not ended. */
function wantedOf(cluster: Cluster): readonly Claimed[] {
  const { store } = cluster.parts;
  const found = new Map<string, Claimed>();
  for (const pod of cluster.pods()) {
    const node = text(pod, 'spec', 'nodeName');
    if (node === '' || ['Succeeded', 'Failed'].includes(text(pod, 'status', 'phase'))) continue;
    for (const { volume, driver, handle = '' } of volumesOf(store, pod)) {
      if (driver !== PROXMOX_DRIVER) continue;
      const key = `${node}/${volume}`;
      found.set(key, { volume, handle, node, pods: [...(found.get(key)?.pods ?? []), pod] });
    }
  }
  return [...found.values()];
}

interface Claiming {
  readonly wanted: readonly Claimed[];
  readonly held: readonly Attachment[];
  readonly progress: Progress;
}

/** A volume that only one node may have is not given to a second one. */
function claim(cluster: Cluster, one: Claimed, { wanted, held, progress }: Claiming): void {
  const others = held.filter(({ volume }) => volume === one.volume);
  if (others.length === 0) {
    createAttachment(cluster.parts.store, one);
    Object.assign(progress, { nextMs: cluster.nowMs + ATTACH_TAKES_MS, delayMs: FIRST_RETRY_MS, isDeleting: false });
    return;
  }
  const holders = others.map(({ node }) => node);
  const users = wanted.filter(({ volume, node }) => volume === one.volume && holders.includes(node)).flatMap(({ pods }) => pods);
  for (const pod of one.pods.filter(({ metadata }) => !progress.told.has(metadata.uid))) {
    progress.told.add(pod.metadata.uid);
    cluster.events.warn(pod, 'FailedAttachVolume', multiAttach(one, pod, users));
  }
}

function multiAttach({ volume }: Claimed, pod: KubeObject, users: readonly KubeObject[]): string {
  const near = users.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace).map(({ metadata }) => metadata.name);
  const far = users.length - near.length;
  const error = `Multi-Attach error for volume "${volume}" Volume is already`;
  if (users.length === 0) return `${error} exclusively attached to one node and can't be attached to another`;
  if (near.length === 0) return `${error} used by ${far} pod(s) in different namespaces`;
  return far === 0
    ? `${error} used by pod(s) ${near.join(', ')}`
    : `${error} used by pod(s) ${near.join(', ')} and ${far} pod(s) in different namespaces`;
}

function attach(
  cluster: Cluster,
  wanted: Claimed,
  { own, progress }: { readonly own: Attachment; readonly progress: Progress },
): void {
  if (cluster.nowMs < progress.nextMs || !controllerRuns(cluster)) return;
  const published = publishTo(cluster, wanted);
  if ('metadata' in published) return reportAttached(cluster.parts.store, own.name, published.metadata);
  retryLater(cluster, progress);
  const message = published.error;
  reportError(cluster.parts.store, own.name, { of: 'attachError', message, time: timestamp(cluster.nowMs) });
  for (const pod of wanted.pods)
    cluster.events.warn(pod, 'FailedAttachVolume', `AttachVolume.Attach failed for volume "${wanted.volume}" : ${message}`);
}

function publishTo(cluster: Cluster, wanted: Wanted) {
  if (!cluster.driversOf(wanted.node).includes(PROXMOX_DRIVER))
    return { error: `CSINode ${wanted.node} does not contain driver ${PROXMOX_DRIVER}` };
  return publish(cluster.parts, wanted);
}

function retryLater({ nowMs }: Cluster, progress: Progress): void {
  progress.nextMs = nowMs + progress.delayMs;
  progress.delayMs = Math.min(progress.delayMs * 2, LAST_RETRY_MS);
}

function detach(cluster: Cluster, own: Attachment, progress: Progress): void {
  const { store } = cluster.parts;
  if (!progress.isDeleting) Object.assign(progress, { nextMs: cluster.nowMs, delayMs: FIRST_RETRY_MS, isDeleting: true });
  if (cluster.nowMs < progress.nextMs || !controllerRuns(cluster)) return;
  const problem =
    store.find({ resource: NODES, name: own.node }) === undefined
      ? `rpc error: code = InvalidArgument desc = nodes "${own.node}" not found`
      : unpublish(cluster.parts, { node: own.node, handle: handleOf(cluster, own) });
  if (problem === undefined) return release(store, own.name);
  retryLater(cluster, progress);
  reportError(store, own.name, { of: 'detachError', message: problem, time: timestamp(cluster.nowMs) });
}

function handleOf({ parts: { store } }: Cluster, { volume }: Attachment): string {
  return text(store.find({ resource: VOLUMES, name: volume }), 'spec', 'csi', 'volumeHandle');
}

/** A node that reports is believed; one that does not is waited for, unless somebody says that it is off. */
function mayGo(cluster: Cluster, { volume, node: name }: Attachment, progress: Progress): boolean {
  const node = cluster.parts.nodes.get(name);
  progress.unwantedSinceMs ??= cluster.nowMs;
  if (cluster.abandoned.has(volume)) return false;
  if (node === undefined || isOutOfService(cluster, name)) return true;
  const inUse = [...node.mounts, ...node.staged].some((mount) => mount.volume === volume);
  if (node.silentSinceMs === undefined) return !inUse;
  return cluster.nowMs - progress.unwantedSinceMs >= FORCED_AFTER_MS;
}

export function isOutOfService({ parts: { store } }: Cluster, name: string): boolean {
  const taints = at(store.find({ resource: NODES, name }), 'spec', 'taints');
  return Array.isArray(taints) && taints.some((taint) => at(taint, 'key') === 'node.kubernetes.io/out-of-service');
}

/** One of its two pods is enough. */
function controllerRuns(cluster: Cluster): boolean {
  return cluster
    .pods()
    .some(
      (pod) => pod.metadata.labels?.['app'] === 'proxmox-csi-plugin-controller' && cluster.progressOf(pod)?.state === 'ready',
    );
}
