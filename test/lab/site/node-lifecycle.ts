import { isOutOfService } from './attach-detach.ts';
import type { Cluster } from './cluster.ts';
import type { LabNode } from './node.ts';

/** How long pods stay on a node that does not report: 40 seconds until it is taken for ill, and what they tolerate. */
const EVICTED_AFTER_MS = 340_000;

/** Asks for the end of the pods of silent nodes, and forgets those of nodes of which somebody said that they are off. */
export function lookAfterNodes(cluster: Cluster): void {
  for (const node of cluster.parts.nodes.values()) {
    if (node.silentSinceMs === undefined) continue;
    const isOff = isOutOfService(cluster, node.name);
    if (isOff || cluster.nowMs - node.silentSinceMs >= EVICTED_AFTER_MS) evictAll(cluster, node, isOff);
  }
}

/** A DaemonSet's pods tolerate it. What is being deleted on a silent node stays: its kubelet does not confirm. */
function evictAll(cluster: Cluster, node: LabNode, isOff: boolean): void {
  for (const pod of cluster.pods().filter((one) => cluster.nodeOf(one) === node)) {
    if (cluster.progressOf(pod)?.workload.kind === 'DaemonSet') continue;
    if (pod.metadata.deletionTimestamp === undefined) cluster.end(pod);
    else if (isOff) cluster.forget(pod);
  }
}
