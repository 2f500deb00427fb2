import * as cluster from '../commands/cluster.ts';
import type * as objects from '../commands/cluster-objects.ts';
import type { Reader, Seen } from '../core/reading.ts';
import type { Cluster, Workload, WorkloadKind } from './cluster.ts';

export interface ClusterLook {
  readonly pods: Seen<readonly objects.Pod[]>;
  readonly volumes: Seen<readonly objects.PersistentVolume[]>;
  readonly nodes: Seen<readonly objects.KubeNode[]>;
  readonly csiNodes: Seen<readonly objects.CsiNode[]>;
  /** All lists that say what a service is: each must be known to name one. */
  readonly lists: readonly Seen<unknown>[];
  /** Absent where one of those lists could not be read. */
  readonly cluster?: Cluster;
}

/** All objects that say which service stands on which volume and node. */
export async function lookAtCluster(read: Reader): Promise<ClusterLook> {
  const [pods, claims, volumes, deployments, statefulSets, daemonSets, cronJobs, nodes, csiNodes] = await Promise.all([
    read(cluster.pods()),
    read(cluster.persistentVolumeClaims()),
    read(cluster.persistentVolumes()),
    read(cluster.deployments()),
    read(cluster.statefulSets()),
    read(cluster.daemonSets()),
    read(cluster.cronJobs()),
    read(cluster.nodes()),
    read(cluster.csiNodes()),
  ]);
  const lists = [pods, claims, volumes, deployments, statefulSets, daemonSets, cronJobs];
  const look = { pods, volumes, nodes, csiNodes, lists };
  const known = pods.known && claims.known && volumes.known;
  if (!known || !deployments.known || !statefulSets.known || !daemonSets.known || !cronJobs.known) return look;
  const workloads = [
    ...ofKind('Deployment', deployments.value),
    ...ofKind('StatefulSet', statefulSets.value),
    ...ofKind('DaemonSet', daemonSets.value),
    ...ofKind('CronJob', cronJobs.value),
  ];
  return { ...look, cluster: { pods: pods.value, claims: claims.value, volumes: volumes.value, workloads } };
}

function ofKind(kind: WorkloadKind, workloads: readonly objects.Workload[]): Workload[] {
  return workloads.map((workload) => ({ kind, ...workload }));
}
