import { ObjectStore } from './store.ts';

const app = { labels: { app: 'web' } };

/** A small cluster for tests of the connector and of the lab: two nodes, a deployment with a budget, a bound claim. */
export function smallCluster(): ObjectStore {
  const store = new ObjectStore({ now: () => Date.UTC(2026, 10, 22, 16, 15, 17), seed: 'small' });
  for (const name of ['apps', 'db']) store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const name of ['k8s-node1', 'k8s-node2']) {
    store.create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name } }, spec: {} });
  }
  store.create(pod('web-1', 'apps', 'k8s-node1'));
  store.create(pod('web-2', 'apps', 'k8s-node2'));
  store.create({
    ...pod('db-0', 'db', 'k8s-node1'),
    metadata: { name: 'db-0', namespace: 'db', labels: { app: 'db', tier: 'data' } },
  });
  store.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'apps', generation: 1, ...app },
    spec: { replicas: 2 },
  });
  store.create(claim());
  store.create({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'truenas-nfs' }, provisioner: 'nfs' });
  return store;
}

/** Forbids to evict one more pod of `web`. */
export function budgetOf(disruptionsAllowed: number) {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'apps' },
    spec: { minAvailable: 2, selector: { matchLabels: app.labels } },
    status: { disruptionsAllowed, desiredHealthy: 2, currentHealthy: 2 + disruptionsAllowed },
  };
}

function pod(name: string, namespace: string, nodeName: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...app },
    spec: { nodeName },
    status: { phase: 'Running' },
  };
}

function claim() {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'media', namespace: 'apps', finalizers: ['kubernetes.io/pvc-protection'] },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '10Gi' } },
      storageClassName: 'truenas-nfs',
      volumeName: 'pv-media',
    },
    status: { phase: 'Bound' },
  };
}

export const pods = { apiVersion: 'v1', plural: 'pods', namespaced: true } as const;
export const nodes = { apiVersion: 'v1', plural: 'nodes', namespaced: false } as const;
export const claims = { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true } as const;
export const budgets = { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets', namespaced: true } as const;
export const deployments = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true } as const;
export const jobs = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true } as const;
export const storageClasses = { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', namespaced: false } as const;

/** The uid of a pod of the small cluster. */
export function uidOf(store: ObjectStore, name: string, namespace = 'apps'): string {
  return store.get({ resource: pods, name, namespace }).metadata.uid;
}
