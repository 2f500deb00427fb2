import type { Resource } from '../../../src/core/kubernetes.ts';

/** What discovery says of a kind of object. */
export interface LabResource extends Resource {
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** True where the main path ignores changes of `status`, as the API server does for kinds with a status subresource. */
  readonly hasStatus: boolean;
}

export const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;

export const labResources: readonly LabResource[] = [
  define('v1', 'pods', 'Pod', { shortNames: ['po'] }),
  define('v1', 'services', 'Service', { shortNames: ['svc'] }),
  define('v1', 'configmaps', 'ConfigMap', { shortNames: ['cm'], hasStatus: false }),
  define('v1', 'secrets', 'Secret', { hasStatus: false }),
  define('v1', 'limitranges', 'LimitRange', { shortNames: ['limits'], hasStatus: false }),
  define('v1', 'events', 'Event', { shortNames: ['ev'], hasStatus: false }),
  define('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', { shortNames: ['pvc'] }),
  define('v1', 'persistentvolumes', 'PersistentVolume', { shortNames: ['pv'], namespaced: false }),
  define('v1', 'nodes', 'Node', { shortNames: ['no'], namespaced: false }),
  define('v1', 'namespaces', 'Namespace', { shortNames: ['ns'], namespaced: false }),
  define('apps/v1', 'deployments', 'Deployment', { shortNames: ['deploy'] }),
  define('apps/v1', 'replicasets', 'ReplicaSet', { shortNames: ['rs'] }),
  define('apps/v1', 'statefulsets', 'StatefulSet', { shortNames: ['sts'] }),
  define('apps/v1', 'daemonsets', 'DaemonSet', { shortNames: ['ds'] }),
  define('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', { shortNames: ['hpa'] }),
  define('batch/v1', 'jobs', 'Job', {}),
  define('batch/v1', 'cronjobs', 'CronJob', { shortNames: ['cj'] }),
  define('storage.k8s.io/v1', 'storageclasses', 'StorageClass', { shortNames: ['sc'], namespaced: false, hasStatus: false }),
  define('storage.k8s.io/v1', 'volumeattachments', 'VolumeAttachment', { namespaced: false }),
  define('storage.k8s.io/v1', 'csinodes', 'CSINode', { namespaced: false, hasStatus: false }),
  define('storage.k8s.io/v1', 'csidrivers', 'CSIDriver', { namespaced: false, hasStatus: false }),
  define('postgresql.cnpg.io/v1', 'clusters', 'Cluster', {}),
  define('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget', { shortNames: ['pdb'] }),
];

type Details = Partial<Pick<LabResource, 'shortNames' | 'namespaced' | 'hasStatus'>>;

function define(apiVersion: string, plural: string, kind: string, details: Details): LabResource {
  return {
    apiVersion,
    plural,
    kind,
    singular: kind.toLowerCase(),
    shortNames: [],
    namespaced: true,
    hasStatus: true,
    ...details,
  };
}

export function resourceOf(apiVersion: string, plural: string): LabResource | undefined {
  return labResources.find((resource) => resource.apiVersion === apiVersion && resource.plural === plural);
}

export function resourceOfKind(apiVersion: string, kind: string): LabResource | undefined {
  return labResources.find((resource) => resource.apiVersion === apiVersion && resource.kind === kind);
}

/** `''` for the core group. */
export function groupOf({ apiVersion }: Resource): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** The name that error messages use: `pods`, `deployments.apps`. */
export function qualified(resource: Resource): string {
  return [resource.plural, groupOf(resource)].filter((part) => part !== '').join('.');
}
