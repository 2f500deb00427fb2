import type { PersistentVolume, PersistentVolumeClaim, Pod, PodSpec } from '../commands/cluster-objects.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';

export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  /** What made it, where that is no person: an operator's object. */
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly spec: PodSpec;
  readonly claimTemplates: readonly string[];
}

/** What the API server says of the cluster at one moment. */
export interface Cluster {
  readonly pods: readonly Pod[];
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly workloads: readonly Workload[];
}

/** Whether this workload made the pod: directly, or through a ReplicaSet or Job named after it. */
export function made({ kind, namespace, name }: Workload, pod: Pod): boolean {
  if (pod.namespace !== namespace || pod.owner === undefined) return false;
  if (pod.owner.kind === kind) return pod.owner.name === name;
  const between = kind === 'Deployment' ? 'ReplicaSet' : kind === 'CronJob' ? 'Job' : undefined;
  return pod.owner.kind === between && /^-[a-z0-9]+$/.test(pod.owner.name.slice(name.length)) && pod.owner.name.startsWith(name);
}

/** Whether a StatefulSet made the claim; it keeps it for a pod that it does not run now. */
export function keeps(
  { kind, namespace, name, claimTemplates }: Workload,
  claim: { readonly namespace: string; readonly name: string },
): boolean {
  if (kind !== 'StatefulSet' || claim.namespace !== namespace) return false;
  return claimTemplates.some((template) => claim.name.startsWith(`${template}-${name}-`) && /-\d+$/.test(claim.name));
}
