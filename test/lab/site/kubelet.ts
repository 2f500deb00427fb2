import { at, type KubeObject } from '../kubernetes/store.ts';
import type { Cluster, Progress } from './cluster.ts';
import { mayWrite } from './disk.ts';
import { uidOf } from './ids.ts';
import { type MountProblem, mountVolume } from './mounter.ts';
import { access, ownerSeen } from './nfs.ts';
import type { LabNode, PodMount } from './node.ts';
import { isNfsDriver, lacksItsPorts } from './port-holders.ts';
import { NFS_DRIVER, volumesOf } from './volumes.ts';
import type { PodState, Workload } from './workload.ts';

const ENDS_AFTER_MS = 2_000;
const RETRIES_AFTER_MS = 10_000;

/** What the kubelets of all nodes do in one second. */
export function runKubelets(cluster: Cluster): void {
  for (const pod of cluster.pods()) {
    const progress = cluster.progressOf(pod);
    const node = cluster.nodeOf(pod);
    if (progress !== undefined && node?.isUp === true) lookAfter(cluster, pod, { node, progress });
  }
  for (const node of cluster.parts.nodes.values()) {
    if (node.isUp) unmount(node, ({ podUid }) => !cluster.hasPod(podUid));
  }
}

function lookAfter(cluster: Cluster, pod: KubeObject, { node, progress }: { node: LabNode; progress: Progress }): void {
  if (pod.metadata.deletionTimestamp !== undefined) {
    progress.endsMs ??= cluster.nowMs + ENDS_AFTER_MS;
    if (cluster.nowMs >= progress.endsMs && unmount(node, ({ podUid }) => podUid === pod.metadata.uid) === 0) cluster.forget(pod);
    return;
  }
  if (cluster.nowMs < progress.nextMs) return;
  if (progress.state === 'starting') startPod(cluster, pod, node);
  if (progress.state !== 'not-ready' && progress.state !== 'crashing') return;
  const health = healthOf(cluster, pod, node);
  if (health !== progress.state) cluster.report(pod, health);
  if (health === 'ready' && isNfsDriver(pod)) registerNfsDriver(cluster, node);
}

/** Unmounts what it can and returns how many mounts stay. */
function unmount(node: LabNode, isMeant: (mount: PodMount) => boolean): number {
  const kept = node.mounts.filter((mount) => !isMeant(mount) || mount.umountHangs === true);
  if (kept.length < node.mounts.length) node.mounts.splice(0, node.mounts.length, ...kept);
  return kept.filter(isMeant).length;
}

/** Mounts the volumes that the pod lacks and starts its program, or says in an event why not. */
export function startPod(cluster: Cluster, pod: KubeObject, node: LabNode): void {
  const isMounted = (mountPoint: string) => node.mounts.some((mount) => mount.mountPoint === mountPoint);
  for (const volume of volumesOf(cluster.parts.store, pod)) {
    const problem = isMounted(volume.mountPoint) ? undefined : mountVolume(cluster, node, { pod, volume });
    if (problem !== undefined) return tryAgain(cluster, pod, problem);
  }
  const health = healthOf(cluster, pod, node);
  if (isNfsDriver(pod) && health === 'ready') registerNfsDriver(cluster, node);
  cluster.report(pod, health);
  const progress = cluster.progressOf(pod);
  if (health === 'crashing' && isNfsDriver(pod) && progress !== undefined) progress.nextMs = cluster.nowMs + BACK_OFF_MS;
}

/** The longest that kubelet waits before it runs a container again that ended. */
const BACK_OFF_MS = 300_000;

/** A mount helper that takes the cause to be temporary goes on trying; the event comes when it gives up. */
function tryAgain(cluster: Cluster, pod: KubeObject, { reason, says, afterS }: MountProblem): void {
  const progress = cluster.progressOf(pod);
  if (progress === undefined) return;
  progress.nextMs = cluster.nowMs + RETRIES_AFTER_MS;
  if (cluster.nowMs < (progress.triesUntilMs ?? 0)) return;
  progress.triesUntilMs = cluster.nowMs + afterS * 1_000;
  cluster.parts.time.after(afterS * 1_000, () => {
    if (progress.state === 'starting') cluster.events.warn(pod, reason, says);
  });
}

function registerNfsDriver(cluster: Cluster, { name }: LabNode): void {
  const drivers = cluster.driversOf(name);
  if (!drivers.includes(NFS_DRIVER)) cluster.setDrivers(name, [...drivers, NFS_DRIVER]);
}

/** A program that cannot read its volumes is not ready; one that may not write there, or finds nobody's files, ends again and again. */
function healthOf(cluster: Cluster, pod: KubeObject, node: LabNode): PodState {
  if (lacksItsPorts(pod, node)) return 'crashing';
  const idOf = (field: string) => Number(at(pod, 'spec', 'securityContext', field) ?? 0);
  const user = { uid: idOf('runAsUser'), gid: idOf('runAsGroup') };
  const mounts = node.mounts.filter(({ podUid, nfs }) => podUid === pod.metadata.uid && nfs !== undefined);
  const seen = mounts.map((mount) => ({ mount, access: access(cluster.parts, node, mount) }));
  if (seen.some((one) => one.access.state !== 'answers')) return 'not-ready';
  const mayNot = seen.some(({ mount, access: { directory } }) => {
    const isMapped = user.uid === 0 || ownerSeen(cluster.parts, mount, directory).uid === (directory?.uid ?? 0);
    return directory !== undefined && !(isMapped && mayWrite(directory, user));
  });
  return mayNot ? 'crashing' : 'ready';
}

/** Takes over a workload, whose pods run at once. */
export function adopt(cluster: Cluster, workload: Workload): void {
  cluster.workloads.push(workload);
  for (const [slot, name] of workload.nodes.entries()) {
    const node = cluster.parts.nodes.get(name);
    if (node === undefined) throw new Error(`The lab has no node ${name}`);
    startPod(cluster, cluster.make(workload, { slot, node: name }), node);
  }
}

/** What a power switch does to a node: its kernel is new, and its pods start again. */
export function reboot(cluster: Cluster, node: LabNode, { downMs }: { readonly downMs: number }): void {
  node.mounts.length = 0;
  node.processes.length = 0;
  node.listeners.length = 0;
  node.brokenVersions.clear();
  Object.assign(node, { isUp: false, sshAnswers: false, wedged: false, boots: node.boots + 1 });
  node.bootedMs = cluster.nowMs;
  node.bootId = uidOf(`boot/${node.name}/${node.boots}`);
  cluster.setReady(node, 'Unknown');
  cluster.parts.time.after(downMs, () => {
    Object.assign(node, { isUp: true, sshAnswers: true });
    cluster.setReady(node, 'True');
    for (const pod of cluster.pods().filter((one) => cluster.nodeOf(one) === node)) {
      const progress = cluster.progressOf(pod);
      if (progress === undefined || progress.state === 'ended') continue;
      cluster.report(pod, 'starting');
      progress.nextMs = cluster.nowMs;
    }
  });
}
