import { at, type KubeObject } from '../kubernetes/store.ts';
import type { Cluster } from './cluster.ts';
import { pidOf } from './ids.ts';
import type { LabNode } from './node.ts';

/** A program that listens on a port of its node. */
export interface LabListener {
  readonly port: number;
  readonly pid: number;
  readonly program: string;
  /** The pod that it runs in; a program of the host's own without it. */
  readonly podUid?: string;
}

/** The programs of the NFS driver's pods, which share the ports of their nodes. */
const OF_DRIVER: Readonly<Record<string, readonly (readonly [port: number, program: string])[]>> = {
  'csi-nfs-node': [
    [19_809, 'csi-node-driver'],
    [29_653, 'livenessprobe'],
  ],
  'csi-nfs-controller': [[29_652, 'livenessprobe']],
};

function appOf(pod: KubeObject): string {
  return pod.metadata.labels?.['app'] ?? '';
}

export function isNfsDriver(pod: KubeObject): boolean {
  return appOf(pod) === 'csi-nfs-node';
}

/** A program that has a port of the node's driver keeps its containers from running. */
export function lacksItsPorts(pod: KubeObject, node: LabNode): boolean {
  return portConflict(pod, node) !== undefined;
}

/** The container that ends for it: its program and what the container is called differ. */
const CONTAINERS: Readonly<Record<string, string>> = {
  livenessprobe: 'liveness-probe',
  'csi-node-driver': 'node-driver-registrar',
};

/** The first port that another program has, and the container that needs it. */
export function portConflict(pod: KubeObject, { listeners }: LabNode): { port: number; container: string } | undefined {
  const wanted = OF_DRIVER[appOf(pod)] ?? [];
  const lost = wanted
    .toReversed()
    .find(([port]) => listeners.some((one) => one.podUid !== pod.metadata.uid && one.port === port));
  return lost && { port: lost[0], container: CONTAINERS[lost[1]] ?? lost[1] };
}

const HOSTS_OWN: readonly LabListener[] = [
  { port: 22, pid: 790, program: 'sshd' },
  { port: 10_250, pid: 1033, program: 'kubelet' },
];

/** Whoever listens on the node: the host's own, the driver's pods that run, and what else is there. */
export function listenersOn(cluster: Cluster, node: LabNode): readonly LabListener[] {
  const drivers = cluster
    .pods()
    .filter((pod) => cluster.nodeOf(pod) === node && at(pod, 'status', 'phase') === 'Running' && !lacksItsPorts(pod, node))
    .flatMap((pod) =>
      (OF_DRIVER[appOf(pod)] ?? []).map(([port, program]) => {
        const podUid = pod.metadata.uid;
        return { port, program, pid: pidOf(`${program}/${podUid}`), podUid };
      }),
    );
  return [...HOSTS_OWN, ...drivers, ...node.listeners];
}

/** kubelet ends, when it starts, whatever containers are of no pod that it knows. */
export function endForgotten(cluster: Cluster, node: LabNode): void {
  const kept = node.listeners.filter(({ podUid }) => podUid === undefined || cluster.hasPod(podUid));
  const pids = new Set(node.listeners.filter((each) => !kept.includes(each)).map(({ pid }) => pid));
  node.listeners.splice(0, node.listeners.length, ...kept);
  node.processes.splice(0, node.processes.length, ...node.processes.filter(({ pid }) => !pids.has(pid)));
}
