import type { KubeObject } from '../kubernetes/store.ts';
import type { Cluster } from './cluster.ts';
import { wantedBy } from './templates.ts';
import { claimProblem, text } from './volumes.ts';
import { newPod, type Workload } from './workload.ts';

/** Makes the pods that workloads lack, and gives those without a node one. */
export function control(cluster: Cluster): void {
  for (const workload of cluster.workloads) keepAlive(cluster, workload);
  for (const pod of cluster.pods()) {
    if (text(pod, 'spec', 'nodeName') === '' && cluster.progressOf(pod)?.state === 'starting') schedule(cluster, pod);
  }
}

/** A ReplicaSet replaces a pod as soon as it is being deleted; what has names of its own waits until the old one is gone. */
function keepAlive(cluster: Cluster, workload: Workload): void {
  const pods = cluster.podsOf(workload);
  const wanted = wantedBy(cluster.parts.store, workload);
  if (wanted.length < workload.nodes.length) endSurplus(cluster, pods, wanted.length);
  if (workload.kind === 'Deployment') {
    const living = pods.filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && cluster.progressOf(pod)?.state !== 'ended',
    );
    for (let missing = wanted.length - living.length; missing > 0; missing -= 1) cluster.make(workload, { slot: 0 });
    return;
  }
  for (const [slot, node] of wanted.entries()) {
    const perNode = workload.kind === 'DaemonSet';
    const { name } = newPod(workload, { count: 0, slot }).metadata;
    const isThere = pods.some((pod) => (perNode ? cluster.nodeOf(pod)?.name === node : pod.metadata.name === name));
    if (!isThere) cluster.make(workload, perNode ? { slot, node } : { slot });
  }
}

/** Those that were made last go first. */
function endSurplus(cluster: Cluster, pods: readonly KubeObject[], wanted: number): void {
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  for (const pod of living.slice(wanted)) cluster.end(pod);
}

function schedule(cluster: Cluster, pod: KubeObject): void {
  const progress = cluster.progressOf(pod);
  if (progress === undefined) return;
  const problem = claimProblem(cluster.parts.store, pod);
  if (problem !== undefined) return cluster.events.warn(pod, 'FailedScheduling', `0/5 nodes are available: ${problem}.`);
  const taken = new Set(
    cluster
      .podsOf(progress.workload)
      .map((one) => (one.metadata.deletionTimestamp === undefined ? cluster.nodeOf(one)?.name : undefined)),
  );
  const homes = progress.workload.nodes.filter((name) => !taken.has(name));
  const names = [...homes, ...cluster.parts.nodes.keys()];
  const node = names.map((name) => cluster.parts.nodes.get(name)).find((one) => one !== undefined && cluster.isOpen(one));
  if (node === undefined) {
    cluster.events.warn(pod, 'FailedScheduling', '0/5 nodes are available: 5 node(s) were unschedulable.');
    return;
  }
  cluster.assign(pod, node.name);
  progress.nextMs = cluster.nowMs + 1_000;
}
