import { at, type KubeObject } from '../kubernetes/store.ts';
import { attachAtOnce } from './attach-at-once.ts';
import { nameAnew, volumeNamed } from './block.ts';
import type { Cluster, Progress } from './cluster.ts';
import { driverOf, isAiling } from './containers.ts';
import { mayWrite } from './disk.ts';
import { uidOf } from './ids.ts';
import { type MountProblem, mountVolume } from './mounter.ts';
import { access, ownerSeen } from './nfs.ts';
import type { LabNode, PodMount } from './node.ts';
import { unstage, WAITS } from './stager.ts';
import { claimProblem, volumesOf } from './volumes.ts';
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
    if (!node.isUp) continue;
    unmount(node, ({ podUid }) => !cluster.hasPod(podUid));
    unstage(node);
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
  if (health === 'ready') registerDriver(cluster, pod, node);
}

/** Unmounts what it can and returns how many mounts stay. */
function unmount(node: LabNode, isMeant: (mount: PodMount) => boolean): number {
  const kept = node.mounts.filter((mount) => !isMeant(mount) || mount.umountHangs === true);
  if (kept.length < node.mounts.length) node.mounts.splice(0, node.mounts.length, ...kept);
  return kept.filter(isMeant).length;
}

/** Mounts the volumes that the pod lacks and starts its program, or says in an event why not. */
export function startPod(cluster: Cluster, pod: KubeObject, node: LabNode): void {
  if (claimProblem(cluster.parts.store, pod) !== undefined) return wait(cluster, pod);
  const isMounted = (mountPoint: string) => node.mounts.some((mount) => mount.mountPoint === mountPoint);
  for (const volume of volumesOf(cluster.parts.store, pod)) {
    const problem = isMounted(volume.mountPoint) ? undefined : mountVolume(cluster, node, { pod, volume });
    if (problem === WAITS) return wait(cluster, pod);
    if (problem !== undefined) return tryAgain(cluster, pod, problem);
  }
  const health = healthOf(cluster, pod, node);
  if (health === 'ready') registerDriver(cluster, pod, node);
  cluster.report(pod, health);
  const progress = cluster.progressOf(pod);
  if (health === 'crashing' && driverOf(pod) !== undefined && progress !== undefined)
    progress.nextMs = cluster.nowMs + BACK_OFF_MS;
}

/** The longest that kubelet waits before it runs a container again that ended. */
const BACK_OFF_MS = 300_000;

/** For a disk or a claim, which come without kubelet. */
function wait(cluster: Cluster, pod: KubeObject): void {
  const progress = cluster.progressOf(pod);
  if (progress !== undefined) progress.nextMs = cluster.nowMs + 1_000;
}

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

/** What the pod of a driver's DaemonSet does once it runs; any other pod registers nothing. */
function registerDriver(cluster: Cluster, pod: KubeObject, { name }: LabNode): void {
  const driver = driverOf(pod);
  const drivers = cluster.driversOf(name);
  if (driver !== undefined && !drivers.includes(driver)) cluster.setDrivers(name, [...drivers, driver]);
}

/** A program that cannot read its volumes is not ready; one that may not write there, or finds nobody's files, ends again and again. */
function healthOf(cluster: Cluster, pod: KubeObject, node: LabNode): PodState {
  if (isAiling(cluster, pod)) return 'crashing';
  const idOf = (field: string) => Number(at(pod, 'spec', 'securityContext', field) ?? 0);
  const user = { uid: idOf('runAsUser'), gid: idOf('runAsGroup') };
  if (blockIsIll(cluster, pod, node)) return 'crashing';
  const mounts = node.mounts.filter(({ podUid, nfs }) => podUid === pod.metadata.uid && nfs !== undefined);
  const seen = mounts.map((mount) => ({ mount, access: access(cluster.parts, node, mount) }));
  if (seen.some((one) => one.access.state !== 'answers')) return 'not-ready';
  const mayNot = seen.some(({ mount, access: { directory } }) => {
    const isMapped = user.uid === 0 || ownerSeen(cluster.parts, mount, directory).uid === (directory?.uid ?? 0);
    return directory !== undefined && !(isMapped && mayWrite(directory, user));
  });
  return mayNot ? 'crashing' : 'ready';
}

/** A program ends whose disk went away, cannot be written or has no room. */
function blockIsIll({ parts: { hypervisor } }: Cluster, { metadata: { uid } }: KubeObject, { mounts }: LabNode): boolean {
  return mounts.some(({ podUid, block, readOnly }) => {
    if (podUid !== uid || block === undefined) return false;
    const fileSystem = volumeNamed(hypervisor, block.volume)?.fileSystem;
    const isFull =
      fileSystem !== undefined && (fileSystem.inodesUsedPercent >= 100 || fileSystem.usedBytes >= fileSystem.sizeBytes);
    return block.gone || readOnly === true || isFull || fileSystem?.destroyed === true;
  });
}

/** Takes over a workload, whose pods run at once. */
export function adopt(cluster: Cluster, workload: Workload): void {
  cluster.workloads.push(workload);
  for (const [slot, name] of workload.nodes.entries()) {
    const node = cluster.parts.nodes.get(name);
    if (node === undefined) throw new Error(`The lab has no node ${name}`);
    const pod = cluster.make(workload, { slot, node: name });
    attachAtOnce(cluster, pod);
    startPod(cluster, pod, node);
  }
}

/** What a power switch does to a node: its kernel is new, and its pods start again. */
export function reboot(cluster: Cluster, node: LabNode, { downMs }: { readonly downMs: number }): void {
  node.mounts.length = 0;
  node.staged.length = 0;
  const vm = cluster.parts.hypervisor.vms.get(node.vmid);
  if (vm !== undefined) nameAnew(vm.runtime);
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
