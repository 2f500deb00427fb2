import { describe, expect, test } from 'vitest';
import { reader } from './access.ts';
import { answer } from './api.ts';
import { budgetOf, budgets, claims, deployments, nodes, pods, smallCluster, uidOf } from './scenario.ts';
import { at, ObjectStore } from './store.ts';

const web1 = { resource: pods, name: 'web-1', namespace: 'apps' } as const;
const media = { resource: claims, name: 'media', namespace: 'apps' } as const;
const web = { resource: deployments, name: 'web', namespace: 'apps' } as const;

describe('the store', () => {
  test('gives the same history the same uids, versions and times', () => {
    expect(smallCluster().list({ resource: pods })).toEqual(smallCluster().list({ resource: pods }));
    expect(new ObjectStore({ seed: 'a' }).create(node('n')).metadata.uid).not.toBe(
      new ObjectStore({ seed: 'b' }).create(node('n')).metadata.uid,
    );
  });

  test('numbers every change once and tells it to its listeners', () => {
    const store = smallCluster();
    const before = Number(store.resourceVersion);
    const seen: string[] = [];
    const stop = store.onChange(({ type, object }) =>
      seen.push(`${type} ${object.metadata.name} ${Number(object.metadata.resourceVersion) - before}`),
    );
    store.create(node('new'));
    store.patch({ resource: nodes, name: 'new' }, { spec: { unschedulable: true } });
    store.patch({ resource: nodes, name: 'new' }, { spec: { unschedulable: true } });
    store.delete({ resource: nodes, name: 'new' });
    stop();
    store.create(node('unheard'));
    expect(seen).toEqual(['ADDED new 1', 'MODIFIED new 2', 'DELETED new 3']);
  });

  test('gives what no reader can change', () => {
    const store = smallCluster();
    const { metadata } = store.get(web1);
    expect(() => Object.assign(metadata, { labels: { app: 'stolen' } })).toThrow(TypeError);
    expect(() => Object.assign(metadata.labels ?? {}, { app: 'stolen' })).toThrow(TypeError);
    expect(store.get(web1).metadata.labels).toEqual({ app: 'web' });
  });

  test('lets a listener change it in turn', () => {
    const store = smallCluster();
    store.onChange(({ type, object }) => {
      if (type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined) store.delete(web1, { gracePeriodSeconds: 0 });
    });
    store.delete(web1);
    expect(() => store.get(web1)).toThrow('pods "web-1" not found');
  });

  test('lists by namespace, then by name', () => {
    expect(
      smallCluster()
        .list({ resource: pods })
        .map(({ metadata }) => metadata.name),
    ).toEqual(['web-1', 'web-2', 'db-0']);
    expect(smallCluster().list({ resource: pods, namespace: 'db' })).toHaveLength(1);
    expect(smallCluster().list({ resource: pods, namespace: 'd' })).toEqual([]);
  });

  test('counts generations of a specification', () => {
    const store = smallCluster();
    expect(store.patch(web, { spec: { replicas: 0 } }).metadata.generation).toBe(2);
    expect(store.patch(web, { status: { readyReplicas: 0 } }).metadata.generation).toBe(2);
  });
});

describe('deleting', () => {
  test('a pod on a node takes until its kubelet has ended it', () => {
    const store = smallCluster();
    expect(store.delete(web1).metadata).toMatchObject({
      deletionTimestamp: '2026-11-22T16:15:47Z',
      deletionGracePeriodSeconds: 30,
    });
    expect(store.get(web1).metadata.deletionTimestamp).toBeDefined();
    store.delete(web1, { gracePeriodSeconds: 0 });
    expect(() => store.get(web1)).toThrow('not found');
  });

  test('a pod that no node runs, or that has ended, is gone at once', () => {
    const store = smallCluster();
    store.patch(web1, { status: { phase: 'Failed' } });
    store.delete(web1);
    expect(() => store.get(web1)).toThrow('not found');
  });

  test('a protected claim waits for its last finalizer', () => {
    const store = smallCluster();
    expect(store.delete(media).metadata.deletionTimestamp).toBeDefined();
    store.patch(media, { metadata: { finalizers: null } });
    expect(() => store.get(media)).toThrow('persistentvolumeclaims "media" not found');
  });

  test('spares an object of the same name with another uid', () => {
    const found = uidOf(smallCluster(), 'web-1');
    const why = `the UID in the precondition (old) does not match the UID in record (${found})`;
    const message = `Operation cannot be fulfilled on Pod "web-1": ${why}. The object might have been deleted and then recreated`;
    expect(() => smallCluster().delete(web1, { uid: 'old' })).toThrow(message);
  });
});

describe('the API in the process', () => {
  const evict = (store: ObjectStore) => ({ verb: 'evict', ...web1, uid: uidOf(store, 'web-1') }) as const;
  const allowed = (store: ObjectStore) => at(store.list({ resource: budgets })[0], 'status', 'disruptionsAllowed');

  test('spends a disruption budget by evictions, and refuses when it is spent', () => {
    const store = smallCluster();
    store.create(budgetOf(1));
    expect(store.handle(evict(store))).toMatchObject({ exitCode: 0 });
    expect(allowed(store)).toBe(0);
    const second = store.handle({ ...evict(store), verb: 'evict', name: 'web-2', uid: uidOf(store, 'web-2') });
    expect(second).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('(TooManyRequests)') });
    expect(store.get({ ...web1, name: 'web-2' }).metadata.deletionTimestamp).toBeUndefined();
  });

  test('does not spend the budget for a pod that was replaced', () => {
    const store = smallCluster();
    store.create(budgetOf(1));
    expect(store.handle({ verb: 'evict', ...web1, uid: 'old' })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('(Conflict)'),
    });
    expect(allowed(store)).toBe(1);
  });

  test('evicts a pod that has ended without asking the budget', () => {
    const store = smallCluster();
    store.create(budgetOf(0));
    store.patch(web1, { status: { phase: 'Succeeded' } });
    expect(store.handle(evict(store))).toMatchObject({ exitCode: 0 });
  });

  test('keeps a status from being patched through the object', () => {
    const store = smallCluster();
    store.handle({ verb: 'patch', ...web1, patch: { status: { phase: 'Failed' }, metadata: { labels: { seen: 'yes' } } } });
    expect(store.get(web1)).toMatchObject({ status: { phase: 'Running' }, metadata: { labels: { app: 'web', seen: 'yes' } } });
  });

  test('asks for rights when it is told who asks', () => {
    const outcome = smallCluster().handle({ verb: 'list', resource: pods, namespace: 'db' }, reader('bot', new Set(['pods'])));
    const says =
      'The API server refuses: pods is forbidden: User "bot" cannot list resource "pods" in API group "" in the namespace "db"';
    expect(outcome).toMatchObject({ failed: 'forbidden', says });
  });

  const call = (method: string, path: string, rest: { body?: unknown; contentType?: string } = {}) => {
    const store = smallCluster();
    const body = rest.body === undefined ? undefined : JSON.stringify(rest.body);
    const { code, body: text } = answer(store, { method, path, body, contentType: rest.contentType });
    return { store, code, document: JSON.parse(text) };
  };
  const at1 = '/api/v1/namespaces/apps/pods/web-1';
  const operation = [{ op: 'replace', path: '/metadata/labels/app', value: 'new' }];
  const pod = (metadata: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata });

  test.each([
    [
      'a JSON patch',
      'PATCH',
      at1,
      { body: operation, contentType: 'application/json-patch+json' },
      200,
      { metadata: { labels: { app: 'new' } } },
    ],
    [
      'a patch of no known type',
      'PATCH',
      at1,
      { body: {}, contentType: 'application/json' },
      415,
      { reason: 'UnsupportedMediaType' },
    ],
    [
      'a patch that is no JSON object',
      'PATCH',
      at1,
      { body: {}, contentType: 'application/json-patch+json' },
      400,
      { reason: 'BadRequest' },
    ],
    [
      'a replacement of an old version',
      'PUT',
      at1,
      { body: pod({ name: 'web-1', namespace: 'apps', resourceVersion: '1' }) },
      409,
      { reason: 'Conflict', message: expect.stringContaining('the object has been modified') },
    ],
    [
      'a new pod',
      'POST',
      '/api/v1/namespaces/apps/pods',
      { body: pod({ generateName: 'job-', uid: 'mine' }) },
      201,
      { metadata: { name: expect.stringMatching(/^job-\w{5}$/), uid: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
    ],
    [
      'a pod that is there',
      'POST',
      '/api/v1/namespaces/apps/pods',
      { body: pod({ name: 'web-1' }) },
      409,
      { reason: 'AlreadyExists', message: 'pods "web-1" already exists' },
    ],
    ['a collection to delete', 'DELETE', '/api/v1/namespaces/apps/pods', {}, 405, { reason: 'MethodNotAllowed' }],
    ['a subresource that is not simulated', 'GET', `${at1}/attach`, {}, 405, { reason: 'MethodNotAllowed' }],
    [
      'an unknown kind in a group',
      'GET',
      '/apis/apps/v1/namespaces/apps/deployments/x',
      {},
      404,
      { message: 'deployments.apps "x" not found', details: { name: 'x', group: 'apps', kind: 'deployments' } },
    ],
    ['the version', 'GET', '/version', {}, 200, { gitVersion: 'v1.32.4', minor: '32' }],
    [
      'the groups',
      'GET',
      '/apis',
      {},
      200,
      { kind: 'APIGroupList', groups: expect.arrayContaining([expect.objectContaining({ name: 'storage.k8s.io' })]) },
    ],
  ])('answers %s as the real one does', (_name, method, path, rest, code, document) => {
    expect(call(method, path, rest)).toMatchObject({ code, document });
  });

  test.each([
    ['labelSelector=app', 3],
    ['labelSelector=!tier', 2],
    ['labelSelector=tier notin (data)', 2],
    ['labelSelector=app in (web, db),tier=data', 1],
    ['labelSelector=app!=web', 1],
    ['fieldSelector=spec.nodeName=k8s-node1', 2],
    ['fieldSelector=metadata.name!=web-1,metadata.namespace=apps', 1],
    ['fieldSelector=status.phase=Running&labelSelector=app==db', 1],
  ])('selects by %s', (query, length) => {
    expect(call('GET', `/api/v1/pods?${query}`).document.items).toHaveLength(length);
  });
});

function node(name: string) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} };
}
