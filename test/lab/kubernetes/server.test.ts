import { CoreV1Api, KubeConfig, makeInformer, Watch } from '@kubernetes/client-node';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { nodes, pods, smallCluster } from './scenario.ts';
import { type LabKubernetes, startLabKubernetes } from './server.ts';
import type { ObjectStore } from './store.ts';

let store: ObjectStore;
let lab: LabKubernetes;

beforeAll(async () => {
  store = smallCluster();
  lab = await startLabKubernetes(store, { gitVersion: 'v1.20.2' });
});
afterAll(() => lab.stop());

function client(token: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(lab.kubeconfig(token));
  return config;
}

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(lab.url + path, { headers, dispatcher: new Agent({ connect: { ca: lab.ca } }) });

test('the typed client of others reads objects and is refused what its role lacks', async () => {
  const api = client(lab.tokens.read).makeApiClient(CoreV1Api);
  const { items } = await api.listPodForAllNamespaces({ labelSelector: 'app=web' });
  expect(items.map(({ metadata }) => metadata?.name)).toEqual(['web-1', 'web-2']);
  expect(items[0]?.metadata?.creationTimestamp).toEqual(new Date('2026-11-22T16:15:17Z'));
  await expect(api.deleteNamespacedPod({ name: 'web-1', namespace: 'apps' })).rejects.toMatchObject({ code: 403 });
});

test('an informer sees what is there and then what changes', async () => {
  const config = client(lab.tokens.read);
  const api = config.makeApiClient(CoreV1Api);
  const informer = makeInformer(config, '/api/v1/nodes', () => api.listNode());
  const seen: string[] = [];
  informer.on('add', (node) => void seen.push(`add ${node.metadata?.name}`));
  informer.on('update', (node) => void seen.push(`update ${node.metadata?.name} ${node.spec?.unschedulable}`));
  informer.on('delete', (node) => void seen.push(`delete ${node.metadata?.name}`));
  await informer.start();
  await vi.waitFor(() => expect(lab.requests.some(({ path }) => path.includes('watch=true'))).toBe(true));
  store.patch({ resource: nodes, name: 'k8s-node2' }, { spec: { unschedulable: true } });
  store.delete({ resource: nodes, name: 'k8s-node2' });
  await vi.waitFor(() => expect(seen).toEqual(['add k8s-node1', 'add k8s-node2', 'update k8s-node2 true', 'delete k8s-node2']));
  await informer.stop();
});

test('a watch from a version that is no longer kept is told so', async () => {
  for (let count = 0; count < 2_100; count += 1) {
    store.patch({ resource: pods, name: 'web-1', namespace: 'apps' }, { metadata: { annotations: { count: String(count) } } });
  }
  const events: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    const stopped = (error: unknown) => (error instanceof Error ? reject(error) : resolve());
    new Watch(client(lab.tokens.read))
      .watch('/api/v1/pods', { resourceVersion: '1' }, (type) => events.push(type), stopped)
      .catch(reject);
  });
  expect(events).toEqual(['ERROR']);
});

test('who shows no token may only discover, and who shows a wrong one may nothing', async () => {
  const anonymous = await get('/api/v1/nodes');
  expect(anonymous.status).toBe(403);
  const message = 'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope';
  expect(await anonymous.json()).toMatchObject({
    kind: 'Status',
    status: 'Failure',
    reason: 'Forbidden',
    message,
    details: { kind: 'nodes' },
  });
  expect(await (await get('/version')).json()).toMatchObject({ gitVersion: 'v1.20.2', major: '1', minor: '20' });
  const wrong = await get('/version', { authorization: 'Bearer wrong' });
  expect(await wrong.json()).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  });
});

test('a path that nothing serves is answered in plain text', async () => {
  const response = await get('/apis/not.there/v1/x', { authorization: `Bearer ${lab.tokens.read}` });
  expect([response.status, await response.text()]).toEqual([404, '404 page not found\n']);
});

test('latency delays each answer', async () => {
  lab.setLatency(80);
  const begun = performance.now();
  await get('/version');
  expect(performance.now() - begun).toBeGreaterThanOrEqual(79);
  lab.setLatency(0);
});
