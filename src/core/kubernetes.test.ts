import { describe, expect, test } from 'vitest';
import { httpRequest, isReading, type KubernetesRequest, showKubernetes } from './kubernetes.ts';
import { quote } from './quote.ts';

const pods = { apiVersion: 'v1', plural: 'pods', namespaced: true } as const;
const nodes = { apiVersion: 'v1', plural: 'nodes', namespaced: false } as const;
const jobs = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true } as const;

describe('a name that would make the path that of something else is refused, in the line as in the request', () => {
  test.each(['', '.', '..', 'web/log', '../../nodes/n1', 'web%2Flog'])('%j', (name) => {
    const requests: KubernetesRequest[] = [
      { verb: 'get', resource: pods, name, namespace: 'apps' },
      { verb: 'logs', name, namespace: 'apps', container: 'web', previous: false, tailLines: 40 },
      { verb: 'patch', resource: pods, name, namespace: 'apps', patch: {} },
      { verb: 'create', resource: jobs, kind: 'Job', name, namespace: 'apps', labels: {}, spec: {} },
      { verb: 'delete', resource: pods, name, namespace: 'apps', uid: 'u' },
      { verb: 'delete', resource: jobs, name, namespace: 'apps', propagationPolicy: 'Foreground' },
      { verb: 'evict', resource: pods, name, namespace: 'apps', uid: 'u' },
    ];
    for (const request of requests) {
      expect(() => showKubernetes(request)).toThrow('cannot be the name of a Kubernetes object');
      expect(() => httpRequest(request)).toThrow('cannot be the name of a Kubernetes object');
    }
    expect(() => httpRequest({ verb: 'list', resource: pods, namespace: name })).toThrow(
      'cannot be the name of a Kubernetes object',
    );
  });
});

test('selectors are encoded in the path and quoted in the line', () => {
  const request = { verb: 'list', resource: pods, fieldSelector: 'spec.nodeName=n1', labelSelector: 'app in (a, b)' } as const;
  expect(httpRequest(request).path).toBe('/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&labelSelector=app+in+%28a%2C+b%29');
  expect(showKubernetes(request)).toBe(
    "kubectl get pods --all-namespaces --field-selector=spec.nodeName=n1 '--selector=app in (a, b)' --output=json",
  );
});

test('a new object is sent to the collection of its kind, and the line holds the whole of it', () => {
  const spec = { backoffLimit: 0, note: `it's "$HOME"` };
  const request = {
    verb: 'create',
    resource: jobs,
    kind: 'Job',
    name: 'fsck',
    namespace: 'apps',
    labels: { a: 'b' },
    spec,
  } as const;
  const body = JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'fsck', namespace: 'apps', labels: { a: 'b' } },
    spec,
  });
  const path = '/apis/batch/v1/namespaces/apps/jobs';
  expect(httpRequest(request)).toEqual({ method: 'POST', path, body, contentType: 'application/json' });
  expect(showKubernetes(request)).toBe(`kubectl create --raw=${path} --filename=- <<< ${quote(body)}`);
});

test('an object without a namespace is made in none', () => {
  const request = { verb: 'create', resource: nodes, kind: 'Node', name: 'n1', labels: {}, spec: {} } as const;
  const { path, body } = httpRequest(request);
  expect([path, body]).toEqual([
    '/api/v1/nodes',
    '{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","labels":{}},"spec":{}}',
  ]);
});

test('what is deleted by its name goes after all that it owns', () => {
  const request = { verb: 'delete', resource: jobs, name: 'fsck', namespace: 'apps', propagationPolicy: 'Foreground' } as const;
  const body = '{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground"}';
  const path = '/apis/batch/v1/namespaces/apps/jobs/fsck';
  expect(httpRequest(request)).toEqual({ method: 'DELETE', path, body, contentType: 'application/json' });
  expect(showKubernetes(request)).toBe(`kubectl delete --raw=${path} --filename=- <<< '${body}'`);
});

test('the log of a container is asked for by lines, of its present run or of the one before', () => {
  const request = { verb: 'logs', namespace: 'apps', name: 'web-1', container: 'web', previous: true, tailLines: 40 } as const;
  expect(httpRequest(request)).toEqual({
    method: 'GET',
    path: '/api/v1/namespaces/apps/pods/web-1/log?container=web&previous=true&tailLines=40',
  });
  expect(showKubernetes(request)).toBe('kubectl logs pods/web-1 --namespace=apps --container=web --previous --tail=40');
  expect(showKubernetes({ ...request, previous: false })).toBe(
    'kubectl logs pods/web-1 --namespace=apps --container=web --tail=40',
  );
  expect(isReading(request)).toBe(true);
});
