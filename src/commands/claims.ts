import { z } from 'zod';
import { defineChange, defineRead, kubernetes } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Resource } from '../core/kubernetes.ts';
import { bytesOf } from '../core/quantity.ts';

const PVCS: Resource = { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true };
const PVS: Resource = { apiVersion: 'v1', plural: 'persistentvolumes', namespaced: false };
const CLASSES: Resource = { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', namespaced: false };

const Bytes = z.string().transform(bytesOf);

/** Which fields a program set; the API server always notes it. */
const Fields = z.object({ 'f:spec': z.object({ 'f:resources': z.unknown() }).partial().optional() }).optional();

const Claim = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      uid: z.string().optional(),
      labels: z.record(z.string(), z.string()).default({}),
      annotations: z.record(z.string(), z.string()).default({}),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
      managedFields: z.array(z.object({ manager: z.string().default(''), fieldsV1: Fields })).default([]),
      deletionTimestamp: z.string().optional(),
    }),
    spec: z.object({
      volumeName: z.string().optional(),
      storageClassName: z.string().nullish(),
      volumeMode: z.string().default('Filesystem'),
      resources: z.object({ requests: z.object({ storage: Bytes }) }),
    }),
    status: z
      .object({
        phase: z.string().default('Unknown'),
        capacity: z.object({ storage: Bytes.optional() }).default({}),
        conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') })).default([]),
      })
      .prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    namespace: metadata.namespace,
    name: metadata.name,
    /** Of another claim that gets its name later it is another one. */
    ...(metadata.uid !== undefined && { uid: metadata.uid }),
    labels: metadata.labels,
    annotations: metadata.annotations,
    owner: metadata.ownerReferences[0],
    /** Programs that set fields of it: `Terraform`, `helm`, `kubectl-client-side-apply` … */
    managers: [...new Set(metadata.managedFields.map(({ manager }) => manager))],
    /** Those of them that set its size, or of which that is not known. */
    sizedBy: [
      ...new Set(
        metadata.managedFields
          .filter(({ fieldsV1 }) => fieldsV1 === undefined || fieldsV1['f:spec']?.['f:resources'] !== undefined)
          .map(({ manager }) => manager),
      ),
    ],
    isGoing: metadata.deletionTimestamp !== undefined,
    volume: spec.volumeName,
    storageClass: spec.storageClassName ?? undefined,
    isBlock: spec.volumeMode === 'Block',
    requestedBytes: spec.resources.requests.storage,
    phase: status.phase,
    /** What it has; absent while it is not bound. */
    capacityBytes: status.capacity.storage,
    /** `Resizing`, `FileSystemResizePending`, `ControllerResizeError` … that are so now. */
    conditions: status.conditions.filter((each) => each.status === 'True'),
  }));
export type Claim = z.output<typeof Claim>;

/** All claims with what says who owns them and how large they are; by the same line as the plain list. */
export function claims() {
  return defineRead<readonly Claim[]>({
    asks: 'Which claims does the cluster have, how large are they and whose?',
    command: kubernetes({ verb: 'list', resource: PVCS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(Claim) }).parse(JSON.parse(stdout)).items,
  });
}

const SizedVolume = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      capacity: z.object({ storage: Bytes }),
      claimRef: z.object({ namespace: z.string(), name: z.string() }).optional(),
      nfs: z.object({ server: z.string() }).optional(),
      csi: z
        .object({ driver: z.string(), volumeHandle: z.string(), volumeAttributes: z.record(z.string(), z.string()).default({}) })
        .optional(),
    }),
    status: z.object({ phase: z.string().default('Unknown') }).prefault({}),
  })
  .transform(({ metadata: { name }, spec: { capacity, ...spec }, status: { phase } }) => ({
    name,
    phase,
    capacityBytes: capacity.storage,
    ...spec,
  }));
export type SizedVolume = z.output<typeof SizedVolume>;

export function sizedVolumes() {
  return defineRead<readonly SizedVolume[]>({
    asks: 'Which persistentvolumes does the cluster have, and how large are they?',
    command: kubernetes({ verb: 'list', resource: PVS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(SizedVolume) }).parse(JSON.parse(stdout)).items,
  });
}

const Expansion = z
  .object({ metadata: z.object({ name: z.string() }), provisioner: z.string(), allowVolumeExpansion: z.boolean().nullish() })
  .transform(({ metadata: { name }, provisioner, allowVolumeExpansion }) => ({
    name,
    provisioner,
    allowsExpansion: allowVolumeExpansion ?? false,
  }));
export type Expansion = z.output<typeof Expansion>;

export function expansions() {
  return defineRead<readonly Expansion[]>({
    asks: 'Which storage classes let their claims grow?',
    command: kubernetes({ verb: 'list', resource: CLASSES }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(Expansion) }).parse(JSON.parse(stdout)).items,
  });
}

/** The API server refuses a smaller size, and a class that does not allow it. */
export function expandClaim({ namespace, name }: Pick<Claim, 'namespace' | 'name'>, size: string) {
  if (!/^[1-9]\d{0,5}(Mi|Gi|Ti)$/.test(size))
    throw new Refusal('bad-request', `${JSON.stringify(size.slice(0, 60))} is no size of a claim: write it as 30Gi`);
  const patch = { spec: { resources: { requests: { storage: size } } } };
  return defineChange({
    command: kubernetes({ verb: 'patch', resource: PVCS, namespace, name, patch }, 15_000),
    risk: 'high',
  });
}
