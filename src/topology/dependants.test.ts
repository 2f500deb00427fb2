import { describe, expect, it } from 'vitest';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { labTargets, worldOf } from '../../test/lab/site/index.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import type { User } from '../commands/workload-volumes.ts';
import { readerOver } from '../core/reading.ts';
import { dependantsIn, findDependants, howFound } from './dependants.ts';

const POSTGRES = { namespace: 'dbaas', names: ['postgresql.dbaas:5432', 'pg-cluster-rw.dbaas:5432'], pods: ['pg-cluster-1'] };

function user(more: Partial<User>): User {
  const about = { kind: 'Deployment', namespace: 'linkwarden', name: 'linkwarden', owner: undefined } as const;
  return { ...about, runs: 1, ranBefore: undefined, stoppedFor: undefined, volumes: [], waitsFor: [], ...more };
}

function pod(more: Partial<Pod>): Pod {
  const about = { name: 'linkwarden-abc', namespace: 'linkwarden', uid: 'u-1', labels: {}, node: 'k8s-node3', phase: 'Running' };
  const kubelet = {
    ready: true,
    startedAt: undefined,
    waits: [],
    containers: new Map<string, string>(),
    terminatingAt: undefined,
  };
  const owner = { kind: 'ReplicaSet', name: 'linkwarden-5f6d7' };
  return { ...about, ...kubelet, gracePeriodS: 30, ip: '10.244.3.8', owner, spec: { volumes: [], containers: [] }, ...more };
}

const node = {
  name: 'k8s-node3',
  ready: true,
  controlPlane: false,
  cordoned: false,
  internalIp: '10.0.20.103',
  bootId: undefined,
};

interface Asked {
  readonly users?: readonly User[];
  readonly pods?: readonly Pod[];
  readonly scalers?: Parameters<typeof dependantsIn>[0]['scalers'];
  readonly configured?: readonly string[];
  readonly clientAddresses?: readonly string[];
  readonly stoppedFor?: string;
}

function found({ users = [], pods = [], scalers = [], configured = [], clientAddresses = [], stoppedFor }: Asked) {
  const wanted = { serves: POSTGRES, configured, clientAddresses, ...(stoppedFor !== undefined && { stoppedFor }) };
  const { users: all, ...others } = dependantsIn({ users, pods, nodes: [node], scalers }, wanted);
  return { ...others, users: all.map((each) => `${each.kind} ${each.namespace}/${each.name}: ${howFound(each)}`) };
}

const NONE = { users: [], notByHand: [], unknownClients: [], missing: [], waiting: [] };

describe('a workload depends on a database', () => {
  it.each([
    ['its service', 'linkwarden', 'postgresql.dbaas:5432'],
    ['another service of it', 'linkwarden', 'pg-cluster-rw.dbaas:5432'],
    ['the whole name of its service', 'linkwarden', 'postgresql.dbaas.svc.cluster.local:5432'],
    ['the service without a port', 'linkwarden', 'postgresql.dbaas'],
    ['a name in its own namespace', 'dbaas', 'postgresql:5432'],
  ])('that waits for %s', (_what, namespace, service) => {
    const { users } = found({ users: [user({ namespace, waitsFor: ['redis.redis:6379', service] })] });
    expect(users).toEqual([`Deployment ${namespace}/linkwarden: waits for ${service}`]);
  });

  it.each([
    ['the service of another namespace', 'postgresql.immich:5432'],
    ['another port', 'postgresql.dbaas:6432'],
    ['a service with a longer name', 'postgresql-old.dbaas:5432'],
    ['a name that means its own namespace', 'postgresql:5432'],
  ])('but not one that waits for %s', (_what, service) => {
    expect(found({ users: [user({ waitsFor: [service] })] })).toEqual(NONE);
  });

  it('that the configuration names, also at 0; what is not there is told', () => {
    const { users, missing } = found({ users: [user({ runs: 0 })], configured: ['linkwarden/linkwarden', 'trading/bot'] });
    expect(users).toEqual(['Deployment linkwarden/linkwarden: is in the configuration']);
    expect(missing).toEqual(['trading/bot']);
  });

  it.each(['10.244.3.8', '10.244.3.8/32', '10.244.3.8:41822', '::ffff:10.244.3.8'])('of which a session comes: %s', (address) => {
    const { users } = found({ users: [user({})], pods: [pod({})], clientAddresses: [address, '', '127.0.0.1', '::1'] });
    expect(users).toEqual(['Deployment linkwarden/linkwarden: has sessions of 1 pod']);
  });

  it.each([
    '10-244-3-8.linkwarden.pod.cluster.local',
    '10-244-3-8.linkwarden.linkwarden.svc.cluster.local:41822',
    'linkwarden-abc.linkwarden.linkwarden.svc.cluster.local',
    'linkwarden-abc.linkwarden.linkwarden.svc.cluster.local.',
    'first.headless.linkwarden.svc.cluster.local',
  ])('of which a session comes, as the server resolved its address: %s', (name) => {
    const own = pod({ spec: { volumes: [], containers: [], hostname: 'first', subdomain: 'headless' } });
    const ended = pod({ uid: 'u-0', phase: 'Succeeded' });
    const { users, unknownClients } = found({ users: [user({})], pods: [own, ended], clientAddresses: [name, '10.244.3.8'] });
    expect({ users, unknownClients }).toEqual({
      users: ['Deployment linkwarden/linkwarden: has sessions of 1 pod'],
      unknownClients: [],
    });
  });

  it.each([
    ['of another namespace', '10-244-3-8.immich.pod.cluster.local'],
    ['of another address', '10-244-3-9.linkwarden.pod.cluster.local'],
    ['of another service', 'first.other.linkwarden.svc.cluster.local'],
    ['outside the cluster', 'linkwarden-abc.linkwarden.linkwarden.svc.example.org'],
    ['of a pod, where only an address can stand', 'linkwarden-abc.linkwarden.pod.cluster.local'],
    ['that two pods may have', 'twice.headless.linkwarden.svc.cluster.local'],
    ['of a node', '10-0-20-103.linkwarden.linkwarden.svc.cluster.local'],
  ])('but nobody is known by a name %s: %s', (_what, name) => {
    const spec = { volumes: [], containers: [], subdomain: 'headless' };
    const pods = [
      pod({ spec: { ...spec, hostname: 'first' } }),
      pod({ uid: 'u-2', name: 'twice', ip: '10.244.3.10' }),
      pod({ uid: 'u-3', name: 'other', ip: '10.244.3.11', spec: { ...spec, hostname: 'twice' } }),
      pod({ uid: 'u-4', name: 'on-host', ip: '10.0.20.103' }),
    ];
    const { users, unknownClients } = found({ users: [user({})], pods, clientAddresses: [name] });
    expect({ users, unknown: unknownClients.length }).toEqual({ users: [], unknown: 1 });
  });

  it('that was stopped for it, now that it has no session; not one that was stopped for another', () => {
    const one = user({ runs: 0, ranBefore: 2, stoppedFor: 'database dbaas/pg-cluster/linkwarden' });
    const other = user({ name: 'other', runs: 0, ranBefore: 1, stoppedFor: 'database dbaas/pg-cluster/n8n' });
    const { users } = found({ users: [one, other], stoppedFor: 'database dbaas/pg-cluster/linkwarden' });
    expect(users).toEqual(['Deployment linkwarden/linkwarden: was stopped for this by the bot']);
  });
});

describe('who waits for a server of several databases', () => {
  const server = { names: ['pg-cluster-rw.dbaas'], port: 5_432 };
  const waiting = (users: readonly User[], configured: readonly string[] = []) => {
    const wanted = { serves: { namespace: 'dbaas', names: [], server }, configured, clientAddresses: [] };
    const { users: stopped, waiting: told } = dependantsIn({ users, pods: [], nodes: [], scalers: [] }, wanted);
    return { stopped: stopped.map(({ name }) => name), told };
  };

  it.each(['postgresql.dbaas:5432', 'pg-cluster-rw.dbaas', 'pg-cluster-rw.dbaas.svc.cluster.local:5432'])(
    'as %s, is told and not stopped',
    (service) => {
      const told = [{ subject: 'Deployment linkwarden/linkwarden', service }];
      expect(waiting([user({ waitsFor: ['redis.redis:6379', service] })])).toEqual({ stopped: [], told });
    },
  );

  it.each(['mysql.dbaas:3306', 'postgresql.immich:5432', 'postgresql.dbaas'])('as %s, waits for another one', (service) => {
    expect(waiting([user({ waitsFor: [service] })])).toEqual({ stopped: [], told: [] });
  });

  it('and is known to use the database is told once', () => {
    const users = [user({ waitsFor: ['postgresql.dbaas:5432'] })];
    expect(waiting(users, ['linkwarden/linkwarden'])).toEqual({ stopped: ['linkwarden'], told: [] });
  });
});

describe('who is behind pgbouncer', () => {
  const bouncer = user({ namespace: 'authentik', name: 'pgbouncer' });
  const bouncerPod = pod({
    name: 'pgbouncer-abc',
    namespace: 'authentik',
    owner: { kind: 'ReplicaSet', name: 'pgbouncer-5f6d7' },
    ip: '10.244.3.9',
  });

  it('is found where its pods wait for pgbouncer', () => {
    const server = user({ namespace: 'authentik', name: 'authentik-server', waitsFor: ['pgbouncer.authentik:6432'] });
    const { users } = found({ users: [server, bouncer], pods: [bouncerPod], clientAddresses: ['10.244.3.9'] });
    expect(users).toEqual([
      'Deployment authentik/authentik-server: waits for pgbouncer.authentik:6432',
      'Deployment authentik/pgbouncer: has sessions of 1 pod',
    ]);
  });

  it('is hidden otherwise, and it is said to be a proxy', () => {
    const wanted = { serves: POSTGRES, configured: [], clientAddresses: ['10.244.3.9'] };
    const { users } = dependantsIn({ users: [user({}), bouncer], pods: [bouncerPod], nodes: [], scalers: [] }, wanted);
    expect(users.map(({ name, isProxy }) => [name, isProxy])).toEqual([['pgbouncer', true]]);
  });
});

describe('what nobody stops by hand', () => {
  it.each([
    [
      'an operator made',
      user({ waitsFor: ['postgresql.dbaas:5432'], owner: { kind: 'Keycloak', name: 'sso' } }),
      'Keycloak sso made it',
    ],
    ['runs on every node', user({ kind: 'DaemonSet', waitsFor: ['postgresql.dbaas:5432'] }), 'it runs on every node'],
  ])('is what %s', (_what, each, why) => {
    const { users, notByHand } = found({ users: [each] });
    expect(users).toEqual([]);
    expect(notByHand).toEqual([
      { subject: `${each.kind} linkwarden/linkwarden`, why: expect.stringContaining(why), isProxy: false },
    ]);
  });

  it('is what KEDA would start again; a plain HorizontalPodAutoscaler is told and leaves alone what is at 0', () => {
    const scaler = {
      name: 'linkwarden',
      namespace: 'linkwarden',
      target: { kind: 'Deployment', name: 'linkwarden' },
      least: 1,
      most: 3,
    };
    const users = [user({ waitsFor: ['postgresql.dbaas:5432'] })];
    const keda = found({ users, scalers: [{ ...scaler, owner: { kind: 'ScaledObject', name: 'linkwarden' } }] });
    expect(keda.notByHand.map(({ why }) => why)).toEqual(['ScaledObject linkwarden sets its number and would start it again']);
    const wanted = { serves: POSTGRES, configured: [], clientAddresses: [] };
    const plain = dependantsIn({ users, pods: [], nodes: [], scalers: [{ ...scaler, owner: undefined }] }, wanted);
    expect(plain.users.map(({ autoscaler }) => autoscaler)).toEqual(['linkwarden']);
  });

  it('is a pod without an owner, and one of an operator', () => {
    const pods = [
      { ...pod({ name: 'psql' }), owner: undefined },
      pod({ name: 'pg-2', owner: { kind: 'Cluster', name: 'pg' }, ip: '10.244.3.9' }),
    ];
    expect(found({ pods, clientAddresses: ['10.244.3.8', '10.244.3.9'] }).notByHand).toEqual([
      { subject: 'Pod linkwarden/psql', why: 'nothing would start it again', isProxy: false },
      { subject: 'Pod linkwarden/pg-2', why: 'Cluster pg made it', isProxy: false },
    ]);
  });
});

describe('a session', () => {
  it('of the server itself is nobody who depends on it', () => {
    const own = pod({ namespace: 'dbaas', name: 'pg-cluster-1', owner: { kind: 'Cluster', name: 'pg-cluster' } });
    expect(found({ pods: [own], clientAddresses: ['10.244.3.8'] })).toEqual(NONE);
  });

  it.each([
    ['from outside the cluster', [pod({})], '192.168.1.50'],
    ['of a node, in whose network several pods may be', [pod({ ip: '10.0.20.103' })], '10.0.20.103'],
    ['of a pod that has ended', [pod({ phase: 'Succeeded' })], '10.244.3.8'],
  ])('%s is of an unknown client', (_what, pods, address) => {
    expect(found({ users: [user({})], pods, clientAddresses: [address] })).toEqual({ ...NONE, unknownClients: [address] });
  });
});

it('the dependants of a server are looked for by four lists of workloads, pods, nodes and autoscalers', async () => {
  const world = worldOf({ scenario: scenarioNamed('all-well') });
  const wanted = { serves: POSTGRES, configured: ['vaultwarden/vaultwarden'], clientAddresses: [] };
  const { users, seen } = await findDependants(readerOver(labTargets(world).read), wanted);
  expect(users.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['Deployment vaultwarden']);
  expect(seen.map(({ known }) => known)).toEqual(Array.from({ length: 7 }, () => true));
});

it('what cannot be seen of the cluster is told', async () => {
  const world = worldOf({ scenario: scenarioNamed('blind-kubernetes') });
  const wanted = { serves: POSTGRES, configured: [], clientAddresses: [] };
  const { seen } = await findDependants(readerOver(labTargets(world).read), wanted);
  expect(seen.filter(({ known }) => !known)).not.toEqual([]);
});
