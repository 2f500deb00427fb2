import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { jobWork } from '../../src/commands/work-job.ts';
import { createKubernetes } from '../../src/connectors/kubernetes/index.ts';
import type { Change } from '../../src/core/command.ts';
import { kubernetes } from '../../src/core/command.ts';
import { type KubernetesRequest, showKubernetes } from '../../src/core/kubernetes.ts';
import type { Outcome, Output } from '../../src/core/output.ts';
import {
  budgetOf,
  claims,
  deployments,
  jobs,
  nodes,
  pods,
  smallCluster,
  storageClasses,
  uidOf,
} from '../lab/kubernetes/scenario.ts';
import { type LabKubernetes, startLabKubernetes } from '../lab/kubernetes/server.ts';
import type { ObjectStore } from '../lab/kubernetes/store.ts';

const missing = spawnSync('bash', ['-c', 'command -v kubectl']).status !== 0;
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Site {
  readonly store: ObjectStore;
  readonly lab: LabKubernetes;
}

async function startSite(prepare: (store: ObjectStore) => void = () => undefined): Promise<Site> {
  const store = smallCluster();
  prepare(store);
  const lab = await startLabKubernetes(store);
  closers.push(lab.stop);
  return { store, lab };
}

/** What the line that people see does when it is pasted into a terminal. */
function paste(line: string, kubeconfig: string): Promise<Output> {
  const home = mkdtempSync(join(tmpdir(), 'storagebot-'));
  closers.push(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, 'kubeconfig'), kubeconfig);
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

async function send(request: KubernetesRequest, kubeconfig: string): Promise<Outcome> {
  const access = { source: { kind: 'kubeconfig', text: kubeconfig } } as const;
  const connector = createKubernetes({ read: access, change: access });
  closers.push(connector.close);
  return connector.change(kubernetes(request));
}

/** The objects in an output: kubectl wraps every list as a `List`, and gives its items the kind that the server leaves out. */
function objectsOf({ stdout }: Output): unknown {
  if (stdout === '') return undefined;
  const document = JSON.parse(stdout);
  if (!Array.isArray(document.items)) return document;
  const kind = document.kind === 'List' ? undefined : String(document.kind).replace(/List$/, '');
  return document.items.map((item: object) => ({ kind, apiVersion: document.apiVersion, ...item }));
}

const web1 = { resource: pods, name: 'web-1', namespace: 'apps' } as const;
const uid = (name: string) => uidOf(smallCluster(), name);

const { change: start, work: started } = jobWork({
  namespace: 'apps',
  name: 'storagebot-1-copy',
  pod: { containers: [{ name: 'copy', image: 'example.net/copy:1', args: [`it's "$HOME" \`x\` \\n`] }] },
  deadlineS: 60,
  risk: 'normal',
});

function requestOf({ command }: Pick<Change, 'command'>): KubernetesRequest {
  if (command.via !== 'kubernetes') throw new Error('not a request to the API server');
  return command.request;
}

const withJob = (store: ObjectStore) => void store.handle(requestOf(start));

const requests: [name: string, request: KubernetesRequest, prepare?: (store: ObjectStore) => void][] = [
  ['gets a pod', { verb: 'get', ...web1 }],
  ['gets what is not there', { verb: 'get', ...web1, name: 'nope' }],
  ['gets from a namespace that is empty', { verb: 'list', resource: claims, namespace: 'db' }],
  ['gets a node', { verb: 'get', resource: nodes, name: 'k8s-node1' }],
  ['gets a deployment', { verb: 'get', resource: deployments, name: 'web', namespace: 'apps' }],
  ['gets a storage class that is not there', { verb: 'get', resource: storageClasses, name: 'gone' }],
  ['lists one namespace', { verb: 'list', resource: pods, namespace: 'apps' }],
  ['lists all namespaces', { verb: 'list', resource: pods }],
  ['lists what has no namespace', { verb: 'list', resource: nodes }],
  ['lists a group', { verb: 'list', resource: deployments }],
  ['lists storage classes', { verb: 'list', resource: storageClasses }],
  ['lists by field', { verb: 'list', resource: pods, fieldSelector: 'spec.nodeName=k8s-node1,status.phase!=Failed' }],
  ['lists by label', { verb: 'list', resource: pods, labelSelector: 'app in (web,db),tier!=data,app' }],
  ['cordons a node', { verb: 'patch', resource: nodes, name: 'k8s-node1', patch: { spec: { unschedulable: true } } }],
  [
    'changes nothing',
    {
      verb: 'patch',
      resource: nodes,
      name: 'k8s-node1',
      patch: { metadata: { labels: { 'kubernetes.io/hostname': 'k8s-node1' } } },
    },
  ],
  [
    'writes an annotation with quotes',
    {
      verb: 'patch',
      resource: claims,
      name: 'media',
      namespace: 'apps',
      patch: { metadata: { annotations: { note: `it's "$HOME" \`x\` \\n` } } },
    },
  ],
  [
    'cannot shrink a claim',
    {
      verb: 'patch',
      resource: claims,
      name: 'media',
      namespace: 'apps',
      patch: { spec: { resources: { requests: { storage: '1Gi' } } } },
    },
  ],
  [
    'cannot shrink and move a claim',
    {
      verb: 'patch',
      resource: claims,
      name: 'media',
      namespace: 'apps',
      patch: { spec: { volumeName: 'x', resources: { requests: { storage: '1Gi' } } } },
    },
  ],
  ['cannot patch what is not there', { verb: 'patch', resource: nodes, name: 'gone', patch: {} }],
  ['deletes a pod by its uid', { verb: 'delete', ...web1, uid: uid('web-1') }],
  ['deletes a pod at once', { verb: 'delete', ...web1, uid: uid('web-1'), gracePeriodSeconds: 0 }],
  ['leaves a pod with another uid alone', { verb: 'delete', ...web1, uid: uid('web-2') }],
  [
    'deletes a deployment',
    {
      verb: 'delete',
      resource: deployments,
      name: 'web',
      namespace: 'apps',
      uid: smallCluster().get({ resource: deployments, name: 'web', namespace: 'apps' }).metadata.uid,
    },
  ],
  [
    'marks a claim that is protected',
    {
      verb: 'delete',
      resource: claims,
      name: 'media',
      namespace: 'apps',
      uid: smallCluster().get({ resource: claims, name: 'media', namespace: 'apps' }).metadata.uid,
    },
  ],
  ['cannot delete what is not there', { verb: 'delete', ...web1, name: 'gone', uid: uid('web-1') }],
  ['starts a Job', requestOf(start)],
  ['does not start a Job of a name that is taken', requestOf(start), withJob],
  ['looks at a Job that is not there', requestOf(started.state)],
  ['looks at a Job', requestOf(started.state), withJob],
  ['stops a Job', requestOf(started.stop), withJob],
  ['cannot stop a Job that is not there', requestOf(started.stop)],
  ['evicts a pod', { verb: 'evict', ...web1, uid: uid('web-1') }],
  ['evicts within a budget', { verb: 'evict', ...web1, uid: uid('web-1') }, (store) => void store.create(budgetOf(1))],
  ['cannot evict beyond a budget', { verb: 'evict', ...web1, uid: uid('web-1') }, (store) => void store.create(budgetOf(0))],
  ['does not evict a pod with another uid', { verb: 'evict', ...web1, uid: uid('web-2') }],
];

describe.skipIf(missing)(
  `the kubectl line that people see does what is sent${missing ? ' (skipped: there is no kubectl on PATH)' : ''}`,
  () => {
    test.each(requests)('%s', async (_name, request, prepare) => {
      const [pasted, sent] = [await startSite(prepare), await startSite(prepare)];
      const output = await paste(showKubernetes(request), pasted.lab.kubeconfig(pasted.lab.tokens.change));
      const outcome = await send(request, sent.lab.kubeconfig(sent.lab.tokens.change));
      if ('failed' in outcome) throw new Error(`No answer: ${outcome.says}`);
      expect(output.stderr).toBe(outcome.stderr);
      expect(output.exitCode).toBe(outcome.exitCode);
      expect(objectsOf(output)).toEqual(objectsOf(outcome));
      for (const resource of [pods, nodes, claims, deployments, jobs]) {
        expect(pasted.store.list({ resource })).toEqual(sent.store.list({ resource }));
      }
    });

    test.each([
      ['of its present run', { container: 'web', previous: false }],
      ['of the run before', { container: 'web', previous: true }],
      ['of a run before that there was none', { container: 'sidecar', previous: true }],
    ])('a log %s is the same text', async (_name, wanted) => {
      const prepare = (store: ObjectStore) => {
        const spec = { nodeName: 'k8s-node1', containers: [{ name: 'web' }, { name: 'sidecar' }] };
        store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'logged', namespace: 'apps' }, spec });
        store.logs = (_pod, { container, previous }) =>
          previous && container === 'sidecar' ? undefined : [`${container} says {"a": "b"}`, `previous: ${previous}`, 'the last'];
      };
      const [pasted, sent] = [await startSite(prepare), await startSite(prepare)];
      const request = { verb: 'logs', namespace: 'apps', name: 'logged', tailLines: 2, ...wanted } as const;
      const output = await paste(showKubernetes(request), pasted.lab.kubeconfig(pasted.lab.tokens.read));
      expect(output).toEqual(await send(request, sent.lab.kubeconfig(sent.lab.tokens.read)));
      const told = `${output.stdout}${output.stderr}`;
      const says =
        wanted.container === 'web' ? `previous: ${wanted.previous}\nthe last\n` : 'previous terminated container "sidecar"';
      expect(told).toContain(says);
      expect(output.exitCode).toBe(wanted.container === 'web' ? 0 : 1);
    });

    test('a field that the server does not select by is refused in the same words', async () => {
      const { lab } = await startSite();
      const request = { verb: 'list', resource: pods, fieldSelector: 'spec.colour=red' } as const;
      const [output, outcome] = [
        await paste(showKubernetes(request), lab.kubeconfig(lab.tokens.read)),
        await send(request, lab.kubeconfig(lab.tokens.read)),
      ];
      for (const { exitCode, stderr } of [output, outcome as Output]) {
        expect({ exitCode, stderr }).toEqual({
          exitCode: 1,
          stderr: expect.stringMatching(/\(BadRequest\): .*field label not supported: spec.colour/),
        });
      }
    });

    test.each(requests.filter(([, { verb }]) => ['create', 'delete', 'evict'].includes(verb)))(
      'without the right to do so: %s',
      async (_name, request) => {
        const { lab, store } = await startSite();
        const before = store.resourceVersion;
        const output = await paste(showKubernetes(request), lab.kubeconfig(lab.tokens.read));
        const outcome = await send(request, lab.kubeconfig(lab.tokens.read));
        expect(output).toMatchObject({
          exitCode: 1,
          stdout: '',
          stderr: expect.stringMatching(/^Error from server \(Forbidden\): /),
        });
        const message = output.stderr.replace('Error from server (Forbidden): ', '').trim();
        expect(outcome).toMatchObject({ failed: 'forbidden', says: expect.stringContaining(message) });
        expect(store.resourceVersion).toBe(before);
      },
    );

    test('with a token that is nobody’s, both are told to log in', async () => {
      const { lab } = await startSite();
      const request = { verb: 'get', ...web1 } as const;
      const output = await paste(showKubernetes(request), lab.kubeconfig('nobody'));
      expect(output).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('You must be logged in to the server') });
      expect(await send(request, lab.kubeconfig('nobody'))).toMatchObject({ failed: 'login-refused' });
    });

    test('with another certificate authority, neither sends anything', async () => {
      const [real, other] = [await startSite(), await startSite()];
      const misled = real.lab.kubeconfig(real.lab.tokens.read).replace(real.lab.url, other.lab.url);
      const request = { verb: 'get', ...web1 } as const;
      expect(await paste(showKubernetes(request), misled)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('x509: certificate signed by unknown authority'),
      });
      expect(await send(request, misled)).toMatchObject({ failed: 'host-key' });
      expect(other.lab.requests).toEqual([]);
    });

    test('with a server that is down, both say that nothing answers', async () => {
      const { lab } = await startSite();
      await lab.down();
      const request = { verb: 'get', ...web1 } as const;
      const output = await paste(showKubernetes(request), lab.kubeconfig(lab.tokens.read));
      expect(output).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('refused') });
      expect(await send(request, lab.kubeconfig(lab.tokens.read))).toMatchObject({ failed: 'unreachable' });
    });
  },
);
