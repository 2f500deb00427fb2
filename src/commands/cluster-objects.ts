import { z } from 'zod';

/** The fields of Kubernetes' objects that are used, as plain values. */

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
  /** Without a claim: the driver makes it for this pod alone. */
  csi: z.object({ volumeAttributes: z.record(z.string(), z.string()).optional() }).optional(),
});

const SecurityContext = z.object({
  runAsUser: z.number().optional(),
  runAsGroup: z.number().optional(),
  fsGroup: z.number().optional(),
  fsGroupChangePolicy: z.string().optional(),
  supplementalGroups: z.array(z.number()).optional(),
});

const PodSpec = z.object({
  nodeName: z.string().optional(),
  /** Its name in the DNS of the cluster, below that of its service. */
  hostname: z.string().optional(),
  subdomain: z.string().optional(),
  terminationGracePeriodSeconds: z.number().nullish(),
  volumes: z.array(Volume).default([]),
  securityContext: SecurityContext.optional(),
  containers: z.array(
    z.object({
      name: z.string(),
      image: z.string().optional(),
      securityContext: SecurityContext.pick({ runAsUser: true, runAsGroup: true }).optional(),
      volumeMounts: z.array(z.object({ name: z.string(), readOnly: z.boolean().optional() })).default([]),
    }),
  ),
});
export type PodSpec = z.output<typeof PodSpec>;

const ContainerStatus = z.object({
  name: z.string().default(''),
  /** `containerd://` and its id, once it was made. */
  containerID: z.string().optional(),
  state: z
    .object({ waiting: z.object({ reason: z.string().optional() }).optional(), running: z.object({}).optional() })
    .optional(),
});

export const Pod = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      uid: z.string(),
      labels: z.record(z.string(), z.string()).default({}),
      deletionTimestamp: z.string().optional(),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: PodSpec,
    status: z
      .object({
        phase: z.string().default('Unknown'),
        conditions: z.array(Condition).default([]),
        startTime: z.string().optional(),
        podIP: z.string().optional(),
        containerStatuses: z.array(ContainerStatus).default([]),
      })
      .prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    labels: metadata.labels,
    owner: metadata.ownerReferences[0],
    node: spec.nodeName,
    phase: status.phase,
    ready: isTrue(status.conditions, 'Ready'),
    /** Seconds since 1970 when its grace period ends; absent while nobody deleted it. */
    terminatingAt: metadata.deletionTimestamp === undefined ? undefined : Date.parse(metadata.deletionTimestamp) / 1000,
    /** How long kubelet waits after a deletion before it kills the pod's programs. */
    gracePeriodS: spec.terminationGracePeriodSeconds ?? 30,
    /** Seconds since 1970 when kubelet took it over. */
    startedAt: status.startTime === undefined ? undefined : Date.parse(status.startTime) / 1000,
    /** Why each of its containers that does not run waits: `CrashLoopBackOff`, `ContainerCreating` … */
    waits: status.containerStatuses.flatMap(({ state }) => state?.waiting?.reason ?? []),
    ip: status.podIP,
    /** The ids of its containers that run, by their names, as crictl takes them. */
    containers: new Map(status.containerStatuses.flatMap(runningContainer)),
    spec,
  }));
export type Pod = z.output<typeof Pod>;

function runningContainer({ name, containerID, state }: z.output<typeof ContainerStatus>): [name: string, id: string][] {
  const id = /^[a-z]+:\/\/([0-9a-f]{12,64})$/.exec(containerID ?? '')?.[1];
  return id === undefined || state?.running === undefined ? [] : [[name, id]];
}

export const PersistentVolume = z
  .object({
    metadata: z.object({ name: z.string(), creationTimestamp: z.string().optional() }),
    spec: z.object({
      claimRef: z.object({ namespace: z.string(), name: z.string() }).optional(),
      /** What becomes of the data once the claim is gone: only `Retain` keeps them. */
      persistentVolumeReclaimPolicy: z.string().optional(),
      storageClassName: z.string().optional(),
      mountOptions: z.array(z.string()).default([]),
      nfs: z.object({ server: z.string(), path: z.string() }).optional(),
      csi: z
        .object({
          driver: z.string(),
          volumeHandle: z.string(),
          fsType: z.string().optional(),
          volumeAttributes: z.record(z.string(), z.string()).default({}),
        })
        .optional(),
    }),
    status: z.object({ phase: z.string().default('Unknown') }).prefault({}),
  })
  .transform(
    ({ metadata: { name, creationTimestamp }, spec: { persistentVolumeReclaimPolicy, ...spec }, status: { phase } }) => ({
      name,
      phase,
      ...(persistentVolumeReclaimPolicy !== undefined && { reclaimPolicy: persistentVolumeReclaimPolicy }),
      /** Seconds since 1970. */
      ...(creationTimestamp !== undefined && { createdAt: Date.parse(creationTimestamp) / 1000 }),
      ...spec,
    }),
  );
export type PersistentVolume = z.output<typeof PersistentVolume>;

export const PersistentVolumeClaim = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      deletionTimestamp: z.string().optional(),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: z.object({ volumeName: z.string().optional(), storageClassName: z.string().nullish() }),
    status: z.object({ phase: z.string().default('Unknown') }).prefault({}),
  })
  .transform(({ metadata: { ownerReferences, deletionTimestamp, ...metadata }, spec, status }) => ({
    ...metadata,
    volume: spec.volumeName,
    ...(spec.storageClassName && { storageClass: spec.storageClassName }),
    phase: status.phase,
    /** Somebody deleted it: it goes with the last pod that has it. */
    isGoing: deletionTimestamp !== undefined,
    /** What made it and looks after it, as an operator's object. */
    ...(ownerReferences[0] && { owner: ownerReferences[0] }),
  }));
export type PersistentVolumeClaim = z.output<typeof PersistentVolumeClaim>;

export const KubeEvent = z
  .object({
    type: z.string().nullish(),
    reason: z.string().nullish(),
    message: z.string().nullish(),
    firstTimestamp: z.string().nullish(),
    eventTime: z.string().nullish(),
    involvedObject: z.object({
      kind: z.string().optional(),
      name: z.string().optional(),
      namespace: z.string().optional(),
      uid: z.string().optional(),
    }),
  })
  .transform(({ type, reason, message, firstTimestamp, eventTime, involvedObject: about }) => ({
    warning: type === 'Warning',
    /** Seconds since 1970 when it was first said; absent where the event does not tell. */
    ...sinceOf(firstTimestamp ?? eventTime),
    reason: reason ?? '',
    message: message ?? '',
    about,
  }));
export type KubeEvent = z.output<typeof KubeEvent>;

function sinceOf(time: string | null | undefined): { readonly firstAt?: number } {
  return typeof time === 'string' ? { firstAt: Date.parse(time) / 1000 } : {};
}

export const StorageClass = z
  .object({ metadata: z.object({ name: z.string() }), provisioner: z.string(), mountOptions: z.array(z.string()).nullish() })
  .transform(({ metadata, provisioner, mountOptions }) => ({
    name: metadata.name,
    provisioner,
    mountOptions: mountOptions ?? [],
  }));
export type StorageClass = z.output<typeof StorageClass>;

export const CsiNode = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      drivers: z
        .array(z.object({ name: z.string(), allocatable: z.object({ count: z.number().nullish() }).nullish() }))
        .nullish(),
    }),
  })
  .transform(({ metadata, spec }) => ({
    node: metadata.name,
    drivers: (spec.drivers ?? []).map(({ name }) => name),
    /** How many volumes of a driver the scheduler gives to the node; absent where the driver sets no limit. */
    most: Object.fromEntries(
      (spec.drivers ?? []).flatMap(({ name, allocatable }) =>
        typeof allocatable?.count === 'number' ? [[name, allocatable.count] as const] : [],
      ),
    ),
  }));
export type CsiNode = z.output<typeof CsiNode>;

export const Workload = z
  .object({
    kind: z.string().optional(),
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: z.object({
      template: z.object({ spec: PodSpec }),
      volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).default([]),
    }),
  })
  .transform(({ metadata: { ownerReferences, ...metadata }, spec }) => ({
    ...metadata,
    /** Whoever made it, as an operator makes its StatefulSets; absent where people did. */
    ...(ownerReferences[0] && { owner: ownerReferences[0] }),
    spec: spec.template.spec,
    /** Of a StatefulSet: its claims are named `<template>-<set>-<ordinal>`, and stay when it is scaled down. */
    claimTemplates: spec.volumeClaimTemplates.map(({ metadata: { name } }) => name),
  }));

export const CronJob = z
  .object({
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    spec: z.object({ jobTemplate: z.object({ spec: z.object({ template: z.object({ spec: PodSpec }) }) }) }),
  })
  .transform(({ metadata, spec }) => ({ ...metadata, spec: spec.jobTemplate.spec.template.spec, claimTemplates: [] }));
export type Workload = z.output<typeof Workload>;
