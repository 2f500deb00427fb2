import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';
import type { Output } from '../core/output.ts';
import {
  CronJob,
  CsiNode,
  KubeEvent,
  KubeNode,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
  Workload,
} from './cluster-objects.ts';

export const PODS: Resource = { apiVersion: 'v1', plural: 'pods', namespaced: true };
export const NODES: Resource = { apiVersion: 'v1', plural: 'nodes', namespaced: false };
export const PVS: Resource = { apiVersion: 'v1', plural: 'persistentvolumes', namespaced: false };
const PVCS: Resource = { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true };
const EVENTS: Resource = { apiVersion: 'v1', plural: 'events', namespaced: true };
const CSI_NODES: Resource = { apiVersion: 'storage.k8s.io/v1', plural: 'csinodes', namespaced: false };
const STORAGE_CLASSES: Resource = { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', namespaced: false };
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

export const nodes = () => listAll(NODES, KubeNode);
export const pods = () => listAll(PODS, Pod);
export const persistentVolumes = () => listAll(PVS, PersistentVolume);
export const persistentVolumeClaims = () => listAll(PVCS, PersistentVolumeClaim);
export const csiNodes = () => listAll(CSI_NODES, CsiNode);
export const storageClasses = () => listAll(STORAGE_CLASSES, StorageClass);
export const deployments = () => listAll(DEPLOYMENTS, Workload);
export const statefulSets = () => listAll(STATEFUL_SETS, Workload);
export const daemonSets = () => listAll(DAEMON_SETS, Workload);
export const cronJobs = () => listAll(CRON_JOBS, CronJob);

/** The events of all namespaces, in one list. */
export const events = () => listAll(EVENTS, KubeEvent);

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
