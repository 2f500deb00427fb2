import { at, type KubeObject, type NewObject, type ObjectStore } from '../kubernetes/store.ts';
import type { Cluster } from './cluster.ts';
import { uidOf } from './ids.ts';
import { portConflict } from './port-holders.ts';
import { timestamp } from './time.ts';
import { kind, NFS_DRIVER } from './volumes.ts';
import type { Workload } from './workload.ts';

/** The driver that the pods of a DaemonSet register on their nodes. */
const REGISTERS: Readonly<Record<string, string>> = {
  'csi-nfs-node': NFS_DRIVER,
  'proxmox-csi-plugin-node': 'csi.proxmox.sinextra.dev',
  'democratic-csi-iscsi-node': 'org.democratic-csi.iscsi',
};

export const ON_HOST_NETWORK: readonly string[] = ['csi-nfs-controller', 'csi-nfs-node', 'calico-node'];

export function driverOf(pod: KubeObject): string | undefined {
  return REGISTERS[appOf(pod)];
}

function appOf(pod: KubeObject): string {
  return pod.metadata.labels?.['app'] ?? '';
}

/** What makes a container end. */
export interface Ailment {
  readonly workload: string;
  readonly container: string;
  readonly reason: 'OOMKilled' | 'Error';
  readonly exitCode: number;
  /** What it wrote before it ended. */
  readonly says: readonly string[];
  /** The pods that have it; all of the workload unless given. */
  readonly has?: (pod: KubeObject) => boolean;
  /** It ended once, as milliseconds since 1970, and runs since then. */
  readonly onceMs?: number;
}

/** What ails a pod now: what a scenario gave it, and that another program has its port. */
export function ailmentsOf(cluster: Cluster, pod: KubeObject): readonly Ailment[] {
  const given = cluster.ailments.filter(({ workload, has }) => workload === appOf(pod) && (has?.(pod) ?? true));
  const node = cluster.nodeOf(pod);
  const conflict = node === undefined ? undefined : portConflict(pod, node);
  if (conflict === undefined) return given;
  const says = `failed to start http server with error: listen tcp 127.0.0.1:${conflict.port}: bind: address already in use`;
  return [...given, { workload: appOf(pod), container: conflict.container, reason: 'Error', exitCode: 1, says: [says] }];
}

export function isAiling(cluster: Cluster, pod: KubeObject): boolean {
  return ailmentsOf(cluster, pod).some(({ onceMs }) => onceMs === undefined);
}

/** The status as kubelet reports it of a pod of which containers end, or ended once. */
export function withAilments(status: object, ailments: readonly Ailment[], nowMs: number): object {
  const statuses = at(status, 'containerStatuses');
  if (ailments.length === 0 || !Array.isArray(statuses)) return status;
  const endsNow = ailments.some(({ onceMs }) => onceMs === undefined);
  const running = { running: { startedAt: timestamp(nowMs) } };
  const containerStatuses = statuses.map((one: { readonly name: string }) => {
    const ailment = ailments.find(({ container }) => container === one.name);
    if (ailment === undefined) return endsNow ? { ...one, ready: true, restartCount: 0, started: true, state: running } : one;
    const { reason, exitCode, onceMs } = ailment;
    const lastState = { terminated: { reason, exitCode, finishedAt: timestamp(onceMs ?? nowMs) } };
    if (onceMs !== undefined) return { ...one, restartCount: 1, lastState };
    return {
      ...one,
      ready: false,
      restartCount: 14,
      started: false,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState,
    };
  });
  return { ...status, containerStatuses };
}

const TOKEN_LINES: Readonly<Record<'invalid' | 'forbidden', string>> = {
  invalid: '401 authentication failure: invalid token value!',
  forbidden: '403 Permission check failed (/vms/203, VM.Config.Disk)',
};

/** What a container wrote: before it ended, or what one writes that runs. */
export function logOf(cluster: Cluster, pod: KubeObject, { container, previous }: { container: string; previous: boolean }) {
  const ailment = ailmentsOf(cluster, pod).find((one) => one.container === container);
  if (ailment !== undefined && (previous || ailment.onceMs === undefined)) return ailment.says;
  if (previous) return undefined;
  const says = cluster.says.get(`${pod.metadata.name}/${container}`);
  if (says !== undefined) return says;
  const { driverToken } = cluster.parts.hypervisor;
  if (container !== 'proxmox-csi-plugin-controller' || driverToken === 'accepted') return [STARTED];
  const stamp = timestamp(cluster.refusedMs ?? cluster.nowMs);
  return [
    STARTED,
    `E${stamp.slice(5, 7)}${stamp.slice(8, 10)} ${stamp.slice(11, 19)}.482113       1 controller.go:383] "ControllerPublishVolume: failed to attach volume" err="${TOKEN_LINES[driverToken]}" cluster="pve"`,
  ];
}

const STARTED = 'I0322 08:00:04.118207       1 main.go:128] "Driver started"';

const WORKLOADS = { DaemonSet: kind('apps/v1', 'daemonsets'), Deployment: kind('apps/v1', 'deployments') };
const LIMIT_RANGES = kind('v1', 'limitranges');

/** The pod of a driver as its template has it now, with what a LimitRange gives to containers that say nothing. */
export function asAdmitted(store: ObjectStore, { kind: its, namespace, name, containers }: Workload, pod: NewObject): NewObject {
  if (containers === undefined || (its !== 'DaemonSet' && its !== 'Deployment')) return pod;
  const templated = at(store.get({ resource: WORKLOADS[its], namespace, name }), 'spec', 'template', 'spec', 'containers');
  const [range] = store.list({ resource: LIMIT_RANGES, namespace });
  const limits = at(range, 'spec', 'limits');
  const memory = Array.isArray(limits) ? at(limits[0], 'default', 'memory') : undefined;
  const admitted = (Array.isArray(templated) ? templated : []).map((one: object) =>
    at(one, 'resources', 'limits', 'memory') === undefined && memory !== undefined
      ? { ...one, resources: { limits: { memory }, requests: { memory } } }
      : one,
  );
  return { ...pod, spec: { ...Object(pod['spec']), containers: admitted } };
}

/** What Kyverno makes in each namespace by its tier. */
export function limitRange(namespace: string) {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'tier-defaults', namespace, uid: uidOf(`limitrange/${namespace}`) },
    spec: { limits: [{ type: 'Container', default: { memory: '256Mi' }, defaultRequest: { memory: '256Mi' } }] },
  };
}
