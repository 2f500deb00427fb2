import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';
import type { Output } from '../core/output.ts';

export const PODS: Resource = { apiVersion: 'v1', plural: 'pods', namespaced: true };
export const NODES: Resource = { apiVersion: 'v1', plural: 'nodes', namespaced: false };
const PVS: Resource = { apiVersion: 'v1', plural: 'persistentvolumes', namespaced: false };
const PVCS: Resource = { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true };
const EVENTS: Resource = { apiVersion: 'v1', plural: 'events', namespaced: true };
const CSI_NODES: Resource = { apiVersion: 'storage.k8s.io/v1', plural: 'csinodes', namespaced: false };
const DEPLOYMENTS: Resource = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
const STATEFUL_SETS: Resource = { apiVersion: 'apps/v1', plural: 'statefulsets', namespaced: true };
const DAEMON_SETS: Resource = { apiVersion: 'apps/v1', plural: 'daemonsets', namespaced: true };
const CRON_JOBS: Resource = { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true };

/** A list of all objects of one kind. An item that does not parse makes the whole list "could not look": none is dropped. */
function listAll<T extends z.ZodType>(resource: Resource, item: T) {
  return defineRead<readonly z.output<T>[]>({
    asks: `Which ${resource.plural} does the cluster have?`,
    command: kubernetes({ verb: 'list', resource }),
    answers: [0],
    parse: ({ stdout }: Output) => z.object({ items: z.array(item) }).parse(JSON.parse(stdout)).items,
  });
}

const Condition = z.object({ type: z.string(), status: z.string() });

export const KubeNode = z
  .object({
    metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
    spec: z.object({ unschedulable: z.boolean().optional() }),
    status: z.object({
      conditions: z.array(Condition).default([]),
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]),
      nodeInfo: z.object({ bootID: z.string() }).optional(),
    }),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    ready: isTrue(status.conditions, 'Ready'),
    controlPlane: ['control-plane', 'master'].some((role) => `node-role.kubernetes.io/${role}` in metadata.labels),
    cordoned: spec.unschedulable ?? false,
    internalIp: status.addresses.find(({ type }) => type === 'InternalIP')?.address,
    /** New at each boot of the machine. */
    bootId: status.nodeInfo?.bootID,
  }));
export type KubeNode = z.output<typeof KubeNode>;

function isTrue(conditions: readonly z.output<typeof Condition>[], wanted: string): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}

const Volume = z.object({
  name: z.string(),
  persistentVolumeClaim: z.object({ claimName: z.string(), readOnly: z.boolean().optional() }).optional(),
  nfs: z.object({ server: z.string(), path: z.string(), readOnly: z.boolean().optional() }).optional(),
});

const SecurityContext = z.object({
  runAsUser: z.number().optional(),
  runAsGroup: z.number().optional(),
  fsGroup: z.number().optional(),
  supplementalGroups: z.array(z.number()).optional(),
});

const PodSpec = z.object({
  nodeName: z.string().optional(),
  terminationGracePeriodSeconds: z.number().nullish(),
  volumes: z.array(Volume).default([]),
  securityContext: SecurityContext.optional(),
  containers: z.array(
    z.object({
      name: z.string(),
      securityContext: SecurityContext.pick({ runAsUser: true, runAsGroup: true }).optional(),
      volumeMounts: z.array(z.object({ name: z.string(), readOnly: z.boolean().optional() })).default([]),
    }),
  ),
});
export type PodSpec = z.output<typeof PodSpec>;

export const Pod = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      uid: z.string(),
      deletionTimestamp: z.string().optional(),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: PodSpec,
    status: z.object({ phase: z.string().default('Unknown'), conditions: z.array(Condition).default([]) }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    owner: metadata.ownerReferences[0],
    node: spec.nodeName,
    phase: status.phase,
    ready: isTrue(status.conditions, 'Ready'),
    /** Seconds since 1970 when its grace period ends; absent while nobody deleted it. */
    terminatingAt: metadata.deletionTimestamp === undefined ? undefined : Date.parse(metadata.deletionTimestamp) / 1000,
    /** How long kubelet waits after a deletion before it kills the pod's programs. */
    gracePeriodS: spec.terminationGracePeriodSeconds ?? 30,
    spec,
  }));
export type Pod = z.output<typeof Pod>;

const PersistentVolume = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      claimRef: z.object({ namespace: z.string(), name: z.string() }).optional(),
      storageClassName: z.string().optional(),
      mountOptions: z.array(z.string()).default([]),
      nfs: z.object({ server: z.string(), path: z.string() }).optional(),
      csi: z
        .object({ driver: z.string(), volumeHandle: z.string(), volumeAttributes: z.record(z.string(), z.string()).default({}) })
        .optional(),
    }),
    status: z.object({ phase: z.string().default('Unknown') }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({ name: metadata.name, phase: status.phase, ...spec }));
export type PersistentVolume = z.output<typeof PersistentVolume>;

const PersistentVolumeClaim = z
  .object({
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    spec: z.object({ volumeName: z.string().optional(), storageClassName: z.string().nullish() }),
    status: z.object({ phase: z.string().default('Unknown') }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({ ...metadata, volume: spec.volumeName, phase: status.phase }));
export type PersistentVolumeClaim = z.output<typeof PersistentVolumeClaim>;

const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) / 1000);

const KubeEvent = z
  .object({
    metadata: z.object({ creationTimestamp: Time.nullish() }).prefault({}),
    type: z.string().nullish(),
    reason: z.string().nullish(),
    message: z.string().nullish(),
    firstTimestamp: Time.nullish(),
    lastTimestamp: Time.nullish(),
    eventTime: Time.nullish(),
    series: z.object({ lastObservedTime: Time.nullish() }).nullish(),
    involvedObject: z.object({
      kind: z.string().optional(),
      name: z.string().optional(),
      namespace: z.string().optional(),
      uid: z.string().optional(),
    }),
  })
  .transform(({ metadata, type, reason, message, series, involvedObject: about, ...times }) => {
    const lastSaid = times.lastTimestamp ?? series?.lastObservedTime ?? times.eventTime;
    const lastSeen = lastSaid ?? times.firstTimestamp ?? metadata.creationTimestamp;
    return {
      warning: type === 'Warning',
      reason: reason ?? '',
      message: message ?? '',
      about,
      /** Seconds since 1970; of several fields the one that its writer filled in. */
      ...(typeof lastSeen === 'number' ? { lastSeen } : {}),
    };
  });
export type KubeEvent = z.output<typeof KubeEvent>;

const CsiNode = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({ drivers: z.array(z.object({ name: z.string() })).nullish() }),
  })
  .transform(({ metadata, spec }) => ({ node: metadata.name, drivers: (spec.drivers ?? []).map(({ name }) => name) }));
export type CsiNode = z.output<typeof CsiNode>;

const Workload = z
  .object({
    kind: z.string().optional(),
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    spec: z.object({ template: z.object({ spec: PodSpec }) }),
  })
  .transform(({ metadata, spec }) => ({ ...metadata, spec: spec.template.spec }));

const CronJob = z
  .object({
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    spec: z.object({ jobTemplate: z.object({ spec: z.object({ template: z.object({ spec: PodSpec }) }) }) }),
  })
  .transform(({ metadata, spec }) => ({ ...metadata, spec: spec.jobTemplate.spec.template.spec }));
export type Workload = z.output<typeof Workload>;

export const nodes = () => listAll(NODES, KubeNode);
export const pods = () => listAll(PODS, Pod);
export const persistentVolumes = () => listAll(PVS, PersistentVolume);
export const persistentVolumeClaims = () => listAll(PVCS, PersistentVolumeClaim);
export const csiNodes = () => listAll(CSI_NODES, CsiNode);
export const deployments = () => listAll(DEPLOYMENTS, Workload);
export const statefulSets = () => listAll(STATEFUL_SETS, Workload);
export const daemonSets = () => listAll(DAEMON_SETS, Workload);
export const cronJobs = () => listAll(CRON_JOBS, CronJob);

/** The events of one namespace: what the scheduler, the attacher and kubelet said of its pods lately. */
export function eventsOf(namespace: string) {
  return defineRead<readonly KubeEvent[]>({
    asks: `What happened to the pods of ${namespace}?`,
    command: kubernetes({ verb: 'list', resource: EVENTS, namespace }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(KubeEvent) }).parse(JSON.parse(stdout)).items,
  });
}

export function podsOfNamespace(namespace: string) {
  return defineRead<readonly Pod[]>({
    asks: `Which pods does ${namespace} have?`,
    command: kubernetes({ verb: 'list', resource: PODS, namespace }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(Pod) }).parse(JSON.parse(stdout)).items,
  });
}

export function nodeNamed(name: string) {
  return defineRead<KubeNode>({
    asks: `How is node ${name}?`,
    command: kubernetes({ verb: 'get', resource: NODES, name }),
    answers: [0],
    parse: ({ stdout }) => KubeNode.parse(JSON.parse(stdout)),
  });
}
