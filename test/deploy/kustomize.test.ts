import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/config/config.ts';
import { loadIdentity } from '../../src/connectors/kubernetes/identity.ts';
import type { KubernetesRequest } from '../../src/core/kubernetes.ts';
import { everyOption } from '../example-config.ts';
import { peer } from '../peers.ts';
import { root } from '../tree.ts';
import { kubernetesChanges, kubernetesReads } from './samples.ts';

const base = join(root, 'deploy/kustomize/base');
const textOf = (path: string) => readFileSync(join(base, path), 'utf8');

const Role = z.object({
  kind: z.literal('ClusterRole'),
  metadata: z.object({ name: z.string() }),
  rules: z.array(z.strictObject({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) })),
});

/** `verb group/resource` of everything that a role of the base allows. */
function allowedBy(name: string): string[] {
  const documents = parseAllDocuments(textOf('roles.yaml')).map((document): unknown => document.toJS());
  const role = documents.map((document) => Role.safeParse(document).data).find((each) => each?.metadata.name === name);
  return (role?.rules ?? [])
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
    )
    .toSorted();
}

function neededFor(requests: readonly KubernetesRequest[]): string[] {
  return [...new Set(requests.map(permissionOf))].toSorted();
}

function permissionOf(request: KubernetesRequest): string {
  if (request.verb === 'logs') return 'get /pods/log';
  const {
    verb,
    resource: { apiVersion, plural },
  } = request;
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return verb === 'evict' ? `create ${group}/${plural}/eviction` : `${verb} ${group}/${plural}`;
}

describe('the cluster roles', () => {
  test('let the reading identity do exactly what the reading commands ask for', () => {
    expect(allowedBy('storagebot-read')).toEqual(neededFor(kubernetesReads));
  });

  test('let the changing identity do exactly what the changing commands ask for', () => {
    expect(allowedBy('storagebot-change')).toEqual(neededFor(kubernetesChanges));
  });

  test('let the reading identity only get and list', () => {
    expect(allowedBy('storagebot-read').filter((permission) => !/^(get|list) /.test(permission))).toEqual([]);
  });
});

const ContainerPort = z.object({ name: z.string(), containerPort: z.number() });

const Deployment = z.object({
  spec: z.object({
    replicas: z.literal(1),
    strategy: z.object({ type: z.literal('Recreate') }),
    template: z.object({
      spec: z.object({
        serviceAccountName: z.literal('storagebot-read'),
        nodeSelector: z.record(z.string(), z.string()),
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsUser: z.number() }),
        containers: z.tuple([
          z.object({
            image: z.string(),
            ports: z.tuple([ContainerPort, ContainerPort]),
            volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
          }),
        ]),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});

describe('the pod', () => {
  const raw: unknown = parse(textOf('deployment.yaml'), { version: '1.1' });
  const { spec: pod } = Deployment.parse(raw).spec.template;
  const [container] = pod.containers;
  const config = parseConfig(textOf('storagebot.yaml'));

  test('cannot gain a right or write to its own image', () => {
    expect(raw).toMatchObject({
      spec: {
        template: {
          spec: {
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      },
    });
  });

  test('keeps its state on the disk of one chosen node, where the configuration wants it', () => {
    const mount = container.volumeMounts.find(({ mountPath }) => mountPath === config.state.directory);
    expect(pod.volumes.find(({ name }) => name === mount?.name)).toMatchObject({ hostPath: { type: 'Directory' } });
    expect(Object.keys(pod.nodeSelector)).toHaveLength(1);
    expect(textOf('deployment.yaml')).not.toContain('persistentVolumeClaim');
  });

  test('gets longer to end than the bot takes', () => {
    const main = readFileSync(join(root, 'src/main.ts'), 'utf8');
    const drainMs = Number(/DRAIN_WITHIN_MS = ([\d_]+)/.exec(main)?.[1]?.replaceAll('_', ''));
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(drainMs);
  });

  test('is watched on the port that the configuration opens to it', () => {
    expect(config.http).toEqual({ address: '0.0.0.0', port: container.ports[0].containerPort });
  });

  test('is told of alerts where they are listened for unless the configuration says otherwise', () => {
    const { ports } = z
      .object({ spec: z.object({ ports: z.tuple([z.object({ port: z.number(), targetPort: z.string() })]) }) })
      .parse(parse(textOf('service.yaml'))).spec;
    const [, { name, containerPort }] = container.ports;
    expect(ports).toEqual([{ port: containerPort, targetPort: name }]);
    expect(parseConfig(everyOption).alerts?.listen?.port).toBe(containerPort);
    expect(readFileSync(join(root, 'deploy/alertmanager/alertmanager.yaml'), 'utf8')).toContain(
      `https://storagebot.storagebot.svc:${containerPort}/alertmanager`,
    );
  });

  test('is reached by Alertmanager and Grafana at the port of alerts, and by no other pod', () => {
    const { spec } = z
      .object({
        spec: z.object({ policyTypes: z.unknown(), ingress: z.tuple([z.object({ ports: z.unknown(), from: z.unknown() })]) }),
      })
      .parse(parse(textOf('network-policy.yaml')));
    const [, { name }] = container.ports;
    expect(spec.policyTypes).toEqual(['Ingress']);
    expect(spec.ingress[0].ports).toEqual([{ port: name }]);
    expect(spec.ingress[0].from).toMatchObject([{ namespaceSelector: { matchLabels: expect.anything() } }]);
  });

  test('runs the released image as the user that owns its state', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    expect(container.image).toMatch(new RegExp(`/storagebot:${version.replaceAll('.', '\\.')}$`));
    expect(readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')).toContain(`\nUSER ${pod.securityContext.runAsUser}:`);
  });

  test('finds each file that its configuration names', () => {
    const directories = container.volumeMounts.map(({ mountPath }) => `${mountPath}/`);
    const named = [...(textOf('storagebot.yaml') + textOf('kubeconfig-change')).matchAll(/(?:file:|: )(\/(?:run|etc)\/\S+)/g)];
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, path = '']) => path).filter((path) => !directories.some((start) => path.startsWith(start)))).toEqual([]);
  });

  test('gets each secret of its configuration from the Secret that the instructions make', () => {
    const instructions = readFileSync(join(root, 'docs/operations.md'), 'utf8');
    const keys = [...textOf('storagebot.yaml').matchAll(/file:\/run\/secrets\/storagebot\/(\S+)/g)].map(([, key]) => key);
    expect(keys).toHaveLength(4);
    expect(keys.filter((key) => !instructions.includes(`--from-file=${key}`))).toEqual([]);
  });

  test('lets nobody approve anything until somebody is named', () => {
    const { normal, high, destructive } = config.approval.tiers;
    expect([normal, high, destructive].flatMap(({ approvers }) => approvers)).toEqual([]);
  });
});

describe('the changing identity of the pod', () => {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-kubeconfig-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('logs in with the token of its own Secret, and checks the certificate of the server', async () => {
    writeFileSync(join(directory, 'token'), 'a-token');
    writeFileSync(join(directory, 'ca.crt'), 'a certificate');
    const text = textOf('kubeconfig-change').replaceAll('/run/secrets/storagebot-change', directory);
    const identity = await loadIdentity({ source: { kind: 'kubeconfig', text } }, () => undefined);
    const context = await identity.authenticate(identity.server);
    expect(identity.server).toBe('https://kubernetes.default.svc');
    expect(context.getHeaders()['Authorization']).toBe('Bearer a-token');
  });
});

const kubectl = peer('kubectl');

describe.skipIf(!kubectl.found)('kubectl', () => {
  test('renders the base: every object in its namespace, and a configuration whose change restarts the bot', () => {
    if (!kubectl.found) throw new Error(kubectl.reason);
    const rendered = execFileSync(kubectl.path, ['kustomize', base], { encoding: 'utf8' });
    const Rendered = z.object({ kind: z.string(), metadata: z.object({ name: z.string(), namespace: z.string().optional() }) });
    const objects = parseAllDocuments(rendered).map((document) => Rendered.parse(document.toJS()));
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[a-z0-9]{10}$/, '-HASH')}`).toSorted()).toEqual(
      [
        'ClusterRole storagebot-change',
        'ClusterRole storagebot-read',
        'ClusterRoleBinding storagebot-change',
        'ClusterRoleBinding storagebot-read',
        'ConfigMap storagebot-HASH',
        'Deployment storagebot',
        'Namespace storagebot',
        'NetworkPolicy storagebot',
        'Secret storagebot-change-token',
        'Service storagebot',
        'ServiceAccount storagebot-change',
        'ServiceAccount storagebot-read',
      ],
    );
    const namespaced = objects.filter(({ kind }) => !/^(ClusterRole|Namespace)/.test(kind));
    expect(new Set(namespaced.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['storagebot']));
    const configMap = objects.find(({ kind }) => kind === 'ConfigMap')?.metadata.name;
    expect(rendered).toContain(`        name: ${configMap}\n`);
    // Of whom it lets in, not who they are, kustomize says that they are the bot.
    const policy = parseAllDocuments(rendered)
      .map((document): unknown => document.toJS())
      .find((each) => Rendered.parse(each).kind === 'NetworkPolicy');
    expect(policy).toMatchObject({
      spec: {
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'storagebot' } },
        ingress: [{ from: [{ podSelector: { matchExpressions: [{ values: ['alertmanager', 'grafana'] }] } }] }],
      },
    });
    expect(rendered.match(/app\.kubernetes\.io\/name: storagebot/g)?.length).toBeGreaterThan(10);
  });
});
