import { uidOf } from '../ids.ts';
import { addWorkload } from '../populate.ts';
import type { World } from '../world.ts';
import { type DatabaseContainer, giveContainers } from './containers.ts';
import { DATABASES } from './settings.ts';

export interface LabPgDatabase {
  oid: number;
  owner: string;
  /** As SQL writes them: `public.links`. */
  readonly tables: Record<string, number>;
  comment?: string;
  allowsConnections: boolean;
  bytes: number;
}

export interface LabPgSession {
  readonly database: string;
  readonly pid: number;
  readonly user: string;
  readonly address?: string;
  readonly application: string;
}

/** What the PostgreSQL cluster of the site holds, and how its servers are. */
export interface LabPostgres {
  readonly version: string;
  timeline: number;
  readonly databases: Map<string, LabPgDatabase>;
  readonly roles: string[];
  readonly sessions: LabPgSession[];
  /** The pod whose server takes writes. */
  primary: string;
  /** Another pod whose server takes writes too. */
  alsoWrites?: string;
  /** In each pod, where its server does not answer as it should. */
  readonly servers: Map<string, 'stopped' | 'starting'>;
  /** The size of the write-ahead log in each pod. */
  readonly walBytes: Map<string, number>;
  readonly slots: { name: string; active: boolean; walStatus: string; keptBytes: number }[];
  readonly replicas: { name: string; state: string; lagBytes: number }[];
}

type Row = readonly [name: string, mebibytes: number, tables: Readonly<Record<string, number>>];

/** As the site uses them; those of the nightly dumps are the same. */
export const PG_DATABASES: readonly Row[] = [
  ['affine', 61, { 'public.users': 6, 'public.workspaces': 9, 'public.snapshots': 1_204 }],
  ['authentik', 212, { 'public.authentik_core_user': 11, 'public.authentik_events_event': 48_211 }],
  ['linkwarden', 48, { 'public."User"': 2, 'public."Collection"': 31, 'public."Link"': 1_842, 'public._prisma_migrations': 44 }],
  ['n8n', 96, { 'public.workflow_entity': 27, 'public.execution_entity': 9_310 }],
  ['tandoor', 18, { 'public.cookbook_recipe': 164, 'public.cookbook_food': 512 }],
];

const MEBIBYTE = 1_048_576;

const FIRST_OID = 16_385;

function databaseOf([name, mebibytes, tables]: Row, index: number): [string, LabPgDatabase] {
  const bytes = mebibytes * MEBIBYTE;
  return [name, { oid: FIRST_OID + 12 * index, owner: name, tables: { ...tables }, allowsConnections: true, bytes }];
}

const OWN: LabPgDatabase = {
  oid: 5,
  owner: 'postgres',
  tables: {},
  comment: 'default administrative connection database',
  allowsConnections: true,
  bytes: 7_508_500,
};

const INSTANCES = ['pg-cluster-1', 'pg-cluster-2'];

/** A healthy cluster of two instances: the first is the primary. */
export function addPostgres(world: World): LabPostgres {
  const names = PG_DATABASES.map(([name]) => name);
  const postgres: LabPostgres = {
    version: '16.9 (Debian 16.9-1.pgdg110+1)',
    timeline: 3,
    databases: new Map([...PG_DATABASES.map(databaseOf), ['postgres', { ...OWN }]]),
    roles: [...names, 'postgres', 'streaming_replica'],
    sessions: names.map((name, index) => ({
      database: name,
      pid: 4_100 + 7 * index,
      user: name,
      address: `10.10.122.${40 + index}`,
      application: '',
    })),
    primary: 'pg-cluster-1',
    servers: new Map(),
    walBytes: new Map(INSTANCES.map((pod) => [pod, 512 * MEBIBYTE])),
    slots: [{ name: '_cnpg_pg_cluster_2', active: true, walStatus: 'reserved', keptBytes: 0 }],
    replicas: [{ name: 'pg-cluster-2', state: 'streaming', lagBytes: 0 }],
  };
  world.databases.postgres = postgres;
  const { namespace, cluster: name } = DATABASES.postgres;
  giveContainers(world, { namespace, name }, (pod) => containerOf(postgres, pod));
  world.store.establish(clusterObject(postgres));
  addOperator(world);
  return postgres;
}

const OPERATOR = { namespace: 'cnpg-system', name: 'cnpg-cloudnative-pg' } as const;

function addOperator(world: World): void {
  world.store.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: OPERATOR.namespace },
    status: { phase: 'Active' },
  });
  addWorkload(world, { ...OPERATOR, kind: 'Deployment', nodes: ['k8s-node1'] });
  const manager = { name: 'manager', image: 'ghcr.io/cloudnative-pg/cloudnative-pg:1.28.0', ip: '10.10.36.14' };
  giveContainers(world, OPERATOR, () => ({ ...manager, labels: { 'app.kubernetes.io/name': 'cloudnative-pg' } }));
}

function containerOf({ primary }: LabPostgres, pod: string): DatabaseContainer {
  const role = pod === primary ? 'primary' : 'replica';
  return {
    name: 'postgres',
    image: 'ghcr.io/cloudnative-pg/postgis:16',
    ip: `10.10.${pod.endsWith('1') ? 107 : 122}.${20 + Number(pod.at(-1))}`,
    labels: {
      'cnpg.io/cluster': DATABASES.postgres.cluster,
      'cnpg.io/instanceName': pod,
      'cnpg.io/instanceRole': role,
      'cnpg.io/podRole': 'instance',
      role,
    },
  };
}

export const PG_CLUSTER = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' } as const;

function clusterObject({ primary, timeline }: LabPostgres) {
  const { namespace, cluster: name } = DATABASES.postgres;
  return {
    ...PG_CLUSTER,
    metadata: { name, namespace, uid: uidOf(`Cluster/${namespace}/${name}`), creationTimestamp: '2026-02-28T08:00:00Z' },
    spec: {
      instances: 2,
      imageName: 'ghcr.io/cloudnative-pg/postgis:16',
      enableSuperuserAccess: true,
      storage: { size: '20Gi', storageClass: 'proxmox-lvm' },
    },
    status: {
      currentPrimary: primary,
      targetPrimary: primary,
      instanceNames: INSTANCES,
      instances: 2,
      readyInstances: 2,
      phase: 'Cluster in healthy state',
      timelineID: timeline,
    },
  };
}
