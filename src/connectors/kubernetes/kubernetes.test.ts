import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { budgetOf, claims, deployments, jobs, nodes, pods, smallCluster, uidOf } from '../../../test/lab/kubernetes/scenario.ts';
import { kubernetes as commandOf } from '../../core/command.ts';
import type { KubernetesRequest } from '../../core/kubernetes.ts';
import { closers, connect, connector, cordon, getWeb1, isCordoned, lab, outcomes, store, web1 } from './fixtures/connected.ts';
import { createKubernetes } from './index.ts';

describe('answers', () => {
  const reads: KubernetesRequest[] = [
    { verb: 'get', ...web1 },
    { verb: 'get', ...web1, name: 'nope' },
    { verb: 'get', resource: { ...pods, plural: 'unicorns' }, name: 'x', namespace: 'apps' },
    { verb: 'list', resource: pods },
    { verb: 'list', resource: pods, fieldSelector: 'spec.nodeName=k8s-node1', labelSelector: 'app in (web, db),tier' },
    { verb: 'list', resource: pods, fieldSelector: 'spec.colour=red' },
    { verb: 'list', resource: deployments, namespace: 'apps' },
    { verb: 'list', resource: nodes },
  ];
  test.each(reads)('over HTTPS are byte for byte those of the store: %j', async (request) => {
    expect(await connector.read(commandOf(request))).toEqual(store.handle(request));
  });

  test('of a log are its text, whatever form that has', async () => {
    store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'logged', namespace: 'apps' },
      spec: { containers: [{ name: 'web' }] },
    });
    store.logs = () => ['{"half": "a line of JSON', 'listen tcp 127.0.0.1:29653: bind: address already in use'];
    const request = { verb: 'logs', namespace: 'apps', name: 'logged', container: 'web', previous: false } as const;
    expect(await connector.read(commandOf({ ...request, tailLines: 1 }))).toEqual({
      exitCode: 0,
      stdout: 'listen tcp 127.0.0.1:29653: bind: address already in use\n',
      stderr: '',
    });
    expect(await connector.read(commandOf({ ...request, container: 'none', tailLines: 1 }))).toMatchObject({ exitCode: 1 });
  });

  const copy = { resource: jobs, name: 'copy', namespace: 'apps' } as const;
  const changes = (): KubernetesRequest[] => [
    { verb: 'patch', resource: nodes, name: 'k8s-node1', patch: { spec: { unschedulable: true } } },
    {
      verb: 'patch',
      resource: claims,
      name: 'media',
      namespace: 'apps',
      patch: { spec: { resources: { requests: { storage: '1Gi' } } } },
    },
    { verb: 'evict', ...web1, uid: uidOf(store, 'web-1') },
    { verb: 'delete', ...web1, name: 'web-2', uid: 'another', gracePeriodSeconds: 0 },
    { verb: 'delete', ...web1, name: 'web-2', uid: uidOf(store, 'web-2'), gracePeriodSeconds: 0 },
    { verb: 'delete', ...web1, name: 'web-2', uid: uidOf(store, 'web-2') },
    { verb: 'create', ...copy, kind: 'Job', labels: { app: 'copy' }, spec: { backoffLimit: 0 } },
    { verb: 'create', ...copy, kind: 'Job', labels: {}, spec: {} },
    { verb: 'delete', ...copy, propagationPolicy: 'Foreground' },
    { verb: 'delete', ...copy, name: 'gone', propagationPolicy: 'Foreground' },
  ];
  test('of changes are byte for byte those of the store, and so are their effects', async () => {
    const twin = smallCluster();
    for (const request of changes()) expect(await connector.change(commandOf(request))).toEqual(twin.handle(request));
    for (const resource of [pods, jobs]) expect(store.list({ resource })).toEqual(twin.list({ resource }));
    expect(store.resourceVersion).toBe(twin.resourceVersion);
  });

  test('a pod under a budget is not evicted', async () => {
    store.create(budgetOf(0));
    const outcome = await connector.change(commandOf({ verb: 'evict', ...web1, uid: uidOf(store, 'web-1') }));
    const stderr = "Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's disruption budget.\n";
    expect(outcome).toEqual({ exitCode: 1, stdout: '', stderr });
  });

  test('a pod that was replaced by another of the same name is left alone', async () => {
    const outcome = await connector.change(commandOf({ verb: 'delete', ...web1, uid: 'the-old-one' }));
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('(Conflict)') });
    expect(store.get(web1).metadata.deletionTimestamp).toBeUndefined();
  });

  test('of reads one after another share connections, and each change has its own', async () => {
    for (let count = 0; count < 10; count += 1) await connector.read(getWeb1);
    const forReading = lab.connections();
    expect(forReading).toBeLessThanOrEqual(2);
    for (let count = 0; count < 3; count += 1) await connector.change(cordon);
    expect(lab.connections()).toBe(forReading + 3);
  });
});

describe('rights', () => {
  test('the reading identity changes nothing, whatever it is asked', async () => {
    const outcome = await connector.read(cordon);
    expect(outcome).toMatchObject({ failed: 'forbidden', says: expect.stringContaining('nothing was sent') });
    expect(lab.requests).toEqual([]);
  });

  test('the server refuses a change with the credentials for reading', async () => {
    const weak = connect(lab.kubeconfig(lab.tokens.read));
    expect(await weak.change(cordon)).toEqual({
      failed: 'forbidden',
      says:
        'The API server refuses: nodes "k8s-node1" is forbidden: User "system:serviceaccount:storagebot:reader" ' +
        'cannot patch resource "nodes" in API group "" at the cluster scope',
      toDo:
        'Grant "system:serviceaccount:storagebot:reader" the verb "patch" on resource "nodes" of API group "" ' +
        'with a ClusterRole and its ClusterRoleBinding.',
    });
    expect(isCordoned()).toBe(false);
  });

  test('a missing right on evictions is named', async () => {
    lab.forbid('pods/eviction');
    const outcome = await connector.change(commandOf({ verb: 'evict', ...web1, uid: uidOf(store, 'web-1') }));
    expect(outcome).toMatchObject({ failed: 'forbidden', toDo: expect.stringContaining('"create" on resource "pods/eviction"') });
  });

  test('a token that is nobody’s is refused, and the refusal does not repeat it', async () => {
    const canary = 'canary-c0ffee-token';
    const stranger = connect(lab.kubeconfig(canary));
    expect(await stranger.read(getWeb1)).toMatchObject({ failed: 'login-refused' });
    expect(await stranger.change(cordon)).toMatchObject({ failed: 'login-refused' });
    expect(JSON.stringify(outcomes) + inspect(outcomes)).not.toContain('canary');
  });

  test('a renewed token in the file is used after the old one was refused', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'kubeconfig');
    writeFileSync(path, lab.kubeconfig('expired'));
    const access = { source: { kind: 'kubeconfig', path } } as const;
    const renewing = createKubernetes({ read: access, change: access });
    closers.push(renewing.close);
    expect(await renewing.read(getWeb1)).toMatchObject({ failed: 'login-refused' });
    writeFileSync(path, lab.kubeconfig(lab.tokens.read));
    expect(await renewing.read(getWeb1)).toMatchObject({ exitCode: 0 });
  });
});

describe('the server that does not answer well', () => {
  test('that is down is unreachable, and reached again when it is up', async () => {
    expect(await connector.read(getWeb1)).toMatchObject({ exitCode: 0 });
    await lab.down();
    const down = { failed: 'unreachable', says: `Nothing answers at ${lab.url} (ECONNREFUSED).` };
    expect(await connector.read(getWeb1)).toMatchObject(down);
    expect(await connector.change(cordon)).toMatchObject(down);
    await lab.up();
    expect(await connector.read(getWeb1)).toMatchObject({ exitCode: 0 });
  });

  test.each(['hang', 'apply-then-hang', 'apply-then-hang-after-headers'] as const)(
    'with the fault %s costs the deadline and no more',
    async (fault) => {
      await connector.read(getWeb1);
      lab.misbehave(fault);
      const begun = performance.now();
      const timedOut = { failed: 'timed-out', says: `${lab.url} did not finish its answer within 250 ms.` };
      const both = await Promise.all([
        connector.read({ ...getWeb1, timeoutMs: 250 }),
        connector.change({ ...cordon, timeoutMs: 250 }),
      ]);
      for (const outcome of both) expect(outcome).toMatchObject(timedOut);
      expect(performance.now() - begun).toBeLessThan(1_500);
      expect(isCordoned()).toBe(fault !== 'hang');
    },
  );

  test('that accepts and says nothing, not even in TLS, is unreachable after the connect timeout', async () => {
    const url = `https://127.0.0.1:${await listenSilently()}`;
    const silent = connect(lab.kubeconfig(lab.tokens.read).replace(lab.url, url), undefined, 200);
    const begun = performance.now();
    expect(await silent.read(getWeb1)).toMatchObject({
      failed: 'unreachable',
      says: `Nothing answers at ${url} (no connection in time).`,
    });
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  test('whose name does not exist is unreachable', async () => {
    const nowhere = connect(lab.kubeconfig(lab.tokens.read).replace('127.0.0.1', 'kubernetes.invalid'));
    expect(await nowhere.read(getWeb1)).toMatchObject({ failed: 'unreachable' });
  });

  test.each([
    'apply-then-half-body',
    'apply-then-truncated-json',
    'apply-then-reset',
    'not-json',
    'redirect',
    'internal-error',
  ] as const)('with the fault %s gives no answer that could be believed', async (fault) => {
    lab.misbehave(fault);
    expect(await connector.read(getWeb1)).toMatchObject({ failed: 'cut' });
    expect(await connector.change(cordon)).toMatchObject({ failed: 'cut' });
    expect(lab.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  test('that resets a read is asked once more, and only once', async () => {
    lab.misbehave('reset', 1);
    expect(await connector.read(getWeb1)).toMatchObject({ exitCode: 0 });
    expect(lab.requests).toHaveLength(2);
    lab.misbehave('reset');
    expect(await connector.read(getWeb1)).toMatchObject({ failed: 'cut' });
    expect(lab.requests).toHaveLength(4);
  });

  test.each(['reset', 'apply-then-reset', 'apply-then-half-body'] as const)(
    'that ends a change with %s never gets it again',
    async (fault) => {
      lab.misbehave(fault, 1);
      const uid = uidOf(store, 'web-1');
      expect(await connector.change(commandOf({ verb: 'delete', ...web1, uid }))).toMatchObject({ failed: 'cut' });
      expect(lab.requests).toHaveLength(1);
    },
  );

  test('that closed every idle connection still gets the next change', async () => {
    expect(await connector.change(cordon)).toMatchObject({ exitCode: 0 });
    await lab.down();
    await lab.up();
    expect(await connector.change(cordon)).toMatchObject({ exitCode: 0 });
  });

  test('a read under way ends when the connector is closed', async () => {
    lab.misbehave('hang');
    const reading = connector.read({ ...getWeb1, timeoutMs: 10_000 });
    while (lab.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await connector.close();
    expect(await reading).toMatchObject({ failed: 'cut' });
  });
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A port that accepts connections and never says anything. */
async function listenSilently(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
