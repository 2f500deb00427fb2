import { at, type KubeObject, type NewObject } from '../kubernetes/store.ts';
import { ON_HOST_NETWORK } from './containers.ts';
import { suffixOf, uidOf } from './ids.ts';
import { timestamp } from './time.ts';

/** What runs pods. The lab keeps as many of them alive as it has nodes named. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Cluster' | 'Job';
  /** Where its pods run as long as they may, one each. */
  readonly nodes: readonly string[];
  readonly claims?: readonly string[];
  /** Of a StatefulSet: the first parts of the names of claims of which each pod has its own. */
  readonly claimTemplates?: readonly string[];
  /** One of the workload's name unless given. */
  readonly containers?: readonly LabContainer[];
  /** A volume written into the pod itself. */
  readonly inlineNfs?: { readonly name: string; readonly server: string; readonly path: string };
  /** The user that its program runs as; root unless given. */
  readonly user?: number;
}

/** A container of a pod that has several, with its limit, and its request where that is another. */
export interface LabContainer {
  readonly name: string;
  readonly memory: string;
  readonly request?: string;
}

export function podSpec({ name, claims = [], containers, inlineNfs, user }: Omit<Workload, 'nodes' | 'kind'>) {
  const volumes = [
    ...claims.map(claimVolume),
    ...(inlineNfs === undefined ? [] : [{ name: inlineNfs.name, nfs: { server: inlineNfs.server, path: inlineNfs.path } }]),
  ];
  const volumeMounts = volumes.map((volume) => ({ name: volume.name, mountPath: `/data/${volume.name}` }));
  return {
    volumes,
    containers: containers?.map(several) ?? [{ name, image: `registry.lab.lan/${name}:1`, resources: {}, volumeMounts }],
    ...(ON_HOST_NETWORK.includes(name) ? { hostNetwork: true } : {}),
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    securityContext: user === undefined ? {} : { runAsUser: user, runAsGroup: user },
  };
}

function several({ name, memory, request }: LabContainer) {
  const requests = request === undefined ? {} : { requests: { memory: request } };
  return { name, image: `registry.lab.lan/${name}:1`, resources: { ...requests, limits: { memory } }, volumeMounts: [] };
}

function claimVolume(claimName: string) {
  return { name: claimName, persistentVolumeClaim: { claimName } };
}

/** The volumes of the claims that this pod has for itself. */
export function ownVolumes({ claimTemplates = [] }: Workload, podName: string) {
  return claimTemplates.map((template) => ({ ...claimVolume(`${template}-${podName}`), name: template }));
}

/** Name of the ReplicaSet under a Deployment, and the name itself of everything else. */
export function ownerName({ kind, namespace, name }: Workload): string {
  return kind === 'Deployment' ? `${name}-${suffixOf(`template/${namespace}/${name}`, 10)}` : name;
}

/** The objects of the API for a workload, without its pods. */
export function workloadObjects(workload: Workload): NewObject[] {
  const { kind, namespace, name } = workload;
  const labels = { app: name };
  const template = { metadata: { labels }, spec: podSpec(workload) };
  const about = (objectName: string) => ({
    name: objectName,
    namespace,
    labels,
    uid: uidOf(`${kind}/${namespace}/${objectName}`),
  });
  const spec = { replicas: workload.nodes.length, selector: { matchLabels: labels }, template };
  switch (kind) {
    case 'Cluster':
    case 'Job':
      return [];
    case 'Deployment':
      return [
        { apiVersion: 'apps/v1', kind, metadata: about(name), spec },
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: about(ownerName(workload)), spec },
      ];
    case 'StatefulSet':
      return [{ apiVersion: 'apps/v1', kind, metadata: about(name), spec: { ...spec, ...claimTemplatesOf(workload) } }];
    case 'DaemonSet':
      return [{ apiVersion: 'apps/v1', kind, metadata: about(name), spec }];
  }
}

function claimTemplatesOf({ claimTemplates }: Workload) {
  if (claimTemplates === undefined) return {};
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'proxmox-lvm' };
  return { volumeClaimTemplates: claimTemplates.map((name) => ({ metadata: { name }, spec })) };
}

const OWNERS = {
  Deployment: ['apps/v1', 'ReplicaSet'],
  StatefulSet: ['apps/v1', 'StatefulSet'],
  DaemonSet: ['apps/v1', 'DaemonSet'],
  Cluster: ['postgresql.cnpg.io/v1', 'Cluster'],
  Job: ['batch/v1', 'Job'],
} as const;

/** The pod that the workload makes next; `count` is how many it has made before, `slot` which of its nodes it is for. */
export function newPod(workload: Workload, { count, slot }: { readonly count: number; readonly slot: number }): NewObject {
  const { kind, namespace, name } = workload;
  const [apiVersion, ownerKind] = OWNERS[kind];
  const owner = ownerName(workload);
  const seed = `${kind}/${namespace}/${name}/${count}`;
  const podName = {
    Deployment: `${owner}-${suffixOf(seed, 5)}`,
    DaemonSet: `${name}-${suffixOf(seed, 5)}`,
    Job: `${name}-${suffixOf(seed, 5)}`,
    StatefulSet: `${name}-${slot}`,
    Cluster: `${name}-${slot + 1}`,
  };
  const ownerReferences = [
    { apiVersion, kind: ownerKind, name: owner, uid: uidOf(`${kind}/${namespace}/${owner}`), controller: true },
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName[kind], namespace, uid: uidOf(`pod/${seed}`), labels: { app: name }, ownerReferences },
    spec: podSpec(kind === 'Cluster' ? { ...workload, claims: [podName.Cluster] } : workload),
    status: { phase: 'Pending', conditions: [] },
  };
}

export type PodState = 'starting' | 'ready' | 'not-ready' | 'crashing' | 'ended';

const SHOWN: Readonly<Record<PodState, { readonly phase: string; readonly ready: boolean; readonly waits?: string }>> = {
  starting: { phase: 'Pending', ready: false, waits: 'ContainerCreating' },
  ready: { phase: 'Running', ready: true },
  'not-ready': { phase: 'Running', ready: false },
  crashing: { phase: 'Running', ready: false, waits: 'CrashLoopBackOff' },
  ended: { phase: 'Succeeded', ready: false },
};

/** The pod's status as kubelet reports it. */
export function statusOf(pod: KubeObject, state: PodState, nowMs: number) {
  const { phase, ready, waits } = SHOWN[state];
  const since = timestamp(nowMs);
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: since,
  });
  const running =
    state === 'ended'
      ? { terminated: { exitCode: 0, reason: 'Completed', finishedAt: since } }
      : { running: { startedAt: since } };
  return {
    phase,
    startTime: since,
    conditions: [
      condition('Initialized', true),
      condition('Ready', ready),
      condition('ContainersReady', ready),
      condition('PodScheduled', true),
    ],
    containerStatuses: containerNames(pod).map((name, _index, { length }) => {
      // Of several containers one crashes, and the others run on.
      const isIll = state !== 'crashing' || length === 1 || name === 'liveness-probe';
      return {
        name,
        ready: isIll ? ready : true,
        restartCount: state === 'crashing' && isIll ? 7 : 0,
        started: !isIll || waits === undefined,
        state: isIll && waits !== undefined ? { waiting: { reason: waits } } : running,
      };
    }),
  };
}

function containerNames(pod: KubeObject): readonly string[] {
  const containers = at(pod, 'spec', 'containers');
  const names = (Array.isArray(containers) ? containers : []).map((container) => at(container, 'name'));
  return names.length > 0 ? names.map(String) : [pod.metadata.name];
}
