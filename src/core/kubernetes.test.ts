import { describe, expect, test } from 'vitest';
import { httpRequest, type KubernetesRequest, showKubernetes } from './kubernetes.ts';

const pods = { apiVersion: 'v1', plural: 'pods', namespaced: true } as const;

describe('a name that would make the path that of something else is refused, in the line as in the request', () => {
  test.each(['', '.', '..', 'web/log', '../../nodes/n1', 'web%2Flog'])('%j', (name) => {
    const requests: KubernetesRequest[] = [
      { verb: 'get', resource: pods, name, namespace: 'apps' },
      { verb: 'patch', resource: pods, name, namespace: 'apps', patch: {} },
      { verb: 'delete', resource: pods, name, namespace: 'apps', uid: 'u' },
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
