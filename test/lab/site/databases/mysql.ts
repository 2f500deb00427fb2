import { at } from '../../kubernetes/store.ts';
import { uidOf } from '../ids.ts';
import { addWorkload } from '../populate.ts';
import { kind } from '../volumes.ts';
import type { World } from '../world.ts';
import { giveContainers } from './containers.ts';
import { DATABASES } from './settings.ts';

export interface LabMysqlDatabase {
  /** Rows by table. */
  readonly tables: Record<string, number>;
  bytes: number;
  /** A restore made it of this dump. */
  madeOf?: string;
  /** Views, triggers, routines and events: kind, name, and the table of a trigger. */
  programs: readonly (readonly [kind: string, name: string, table: string])[];
}

export interface LabMysqlMember {
  state: 'ONLINE' | 'RECOVERING' | 'OFFLINE' | 'ERROR' | 'UNREACHABLE';
  role: 'PRIMARY' | 'SECONDARY' | '';
  readOnly: boolean;
  offline: boolean;
  connections: number;
  /** Its process does not answer over the socket. */
  stopped: boolean;
  /** Pods that it sees in its group, where it does not see all as they are. */
  sees?: Readonly<Record<string, Pick<LabMysqlMember, 'state' | 'role'>>>;
  usedPercent: number;
}

/** What the MySQL cluster of the site holds, and how its servers are, by pod. */
export interface LabMysql {
  readonly version: string;
  readonly members: Map<string, LabMysqlMember>;
  readonly databases: Map<string, LabMysqlDatabase>;
  readonly sessions: { id: number; user: string; host: string; database: string }[];
}

const { namespace, cluster: name } = DATABASES.mysql;
export const MYSQL_PODS = [`${name}-0`, `${name}-1`, `${name}-2`] as const;
const PODS = kind('v1', 'pods');

const member = (role: 'PRIMARY' | 'SECONDARY'): LabMysqlMember => ({
  state: 'ONLINE',
  role,
  readOnly: role === 'SECONDARY',
  offline: false,
  connections: role === 'PRIMARY' ? 21 : 4,
  stopped: false,
  usedPercent: 31,
});

const NEXTCLOUD = [
  ['view', 'oc_used', ''],
  ['trigger', 'oc_filecache_bu', 'oc_filecache'],
] as const;

const DATABASES_NOW: readonly (readonly [string, LabMysqlDatabase])[] = [
  ['codimd', { tables: { Notes: 912, SequelizeMeta: 31, Users: 6 }, bytes: 6_815_744, programs: [] }],
  ['speedtest', { tables: { results: 20_411 }, bytes: 9_961_472, programs: [] }],
  ['nextcloud', { tables: { oc_users: 4, oc_filecache: 48_202 }, bytes: 91_226_112, programs: NEXTCLOUD }],
  ['mysql', { tables: { user: 9, db: 4 }, bytes: 2_785_280, programs: [] }],
];

/** A healthy cluster of three servers: the first is the primary. */
export function addMysql(world: World): LabMysql {
  const mysql: LabMysql = {
    version: '8.4.4',
    members: new Map(MYSQL_PODS.map((pod, index) => [pod, member(index === 0 ? 'PRIMARY' : 'SECONDARY')])),
    databases: new Map(DATABASES_NOW.map(([database, of]) => [database, { ...of, tables: { ...of.tables } }])),
    sessions: [{ id: 811, user: 'codimd', host: '10.10.36.12:41822', database: 'codimd' }],
  };
  world.databases.mysql = mysql;
  giveContainers(world, { namespace, name }, (pod) => ({
    name: 'mysql',
    image: 'container-registry.oracle.com/mysql/community-server:8.4.4',
    ip: `10.10.${pod.endsWith('0') ? 36 : 107}.${30 + Number(pod.at(-1))}`,
    labels: {
      'mysql.oracle.com/cluster': name,
      'mysql.oracle.com/cluster-role': mysql.members.get(pod)?.role ?? '',
    },
  }));
  const ownerReferences = [
    { apiVersion: 'mysql.oracle.com/v2', kind: 'InnoDBCluster', name, uid: uidOf(`InnoDBCluster/${name}`) },
  ];
  world.store.patch({ resource: kind('apps/v1', 'statefulsets'), namespace, name }, { metadata: { ownerReferences } });
  addOperator(world);
  return mysql;
}

function addOperator(world: World): void {
  const operator = { namespace: 'mysql-operator', name: 'mysql-operator' };
  addWorkload(world, { ...operator, kind: 'Deployment', nodes: ['k8s-node2'] });
  for (const { metadata } of world.cluster.podsOf(world.cluster.workload(operator.namespace, operator.name)))
    world.store.patch(
      { resource: PODS, namespace: operator.namespace, name: metadata.name },
      { metadata: { labels: { name: 'mysql-operator' } } },
    );
}

export function mysqlOf({ databases }: World): LabMysql {
  if (databases.mysql === undefined) throw new Error('The lab has no MySQL');
  return databases.mysql;
}

export function memberOf(world: World, pod: string): LabMysqlMember {
  const found = mysqlOf(world).members.get(pod);
  if (found === undefined) throw new Error(`The lab has no MySQL in ${pod}`);
  return found;
}

/** The server of a pod ended, and is started again and again: it writes this each time. */
export function crash(world: World, pod: string, says: readonly string[]): void {
  Object.assign(memberOf(world, pod), { state: 'OFFLINE', role: '', stopped: true });
  world.cluster.ailments.push({
    workload: name,
    container: 'mysql',
    reason: 'Error',
    exitCode: 1,
    says,
    has: ({ metadata }) => metadata.name === pod,
  });
  const [status] = statusesOf(world, pod);
  const terminated = { reason: 'Error', exitCode: 1, finishedAt: '2026-04-03T08:58:00Z' };
  patchStatus(world, pod, {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        ...Object(status),
        ready: false,
        restartCount: 14,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated },
      },
    ],
  });
}

/** What it crashed of is over. */
export function recover(world: World, pod: string): void {
  const { ailments, says } = world.cluster;
  says.delete(`${pod}/mysql`);
  ailments.splice(0, ailments.length, ...ailments.filter(({ workload, has }) => workload !== name || has === undefined));
  Object.assign(memberOf(world, pod), { ...member('SECONDARY') });
  const [status] = statusesOf(world, pod);
  const state = { running: { startedAt: '2026-04-03T09:00:00Z' } };
  patchStatus(world, pod, {
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ ...Object(status), ready: true, state }],
  });
}

export function patchStatus({ store }: World, pod: string, status: object): void {
  store.patch({ resource: PODS, namespace, name: pod }, { status });
}

function statusesOf({ store }: World, pod: string): readonly unknown[] {
  const found = at(store.get({ resource: PODS, namespace, name: pod }), 'status', 'containerStatuses');
  return Array.isArray(found) ? found : [];
}
