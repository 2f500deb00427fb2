import { addBackups, type LabBackup, postgresNights } from '../site/databases/backups.ts';
import { addPostgres, type LabPostgres } from '../site/databases/postgres.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import {
  ail,
  crash,
  deleteCluster,
  endInstances,
  fill,
  idle,
  instance,
  logged,
  setCluster,
  setPhase,
  unready,
} from './postgres-changes.ts';
import type { Scenario } from './scenario.ts';

const GIB = 1_073_741_824;
const PODS = kind('v1', 'pods');

function where(name: string, says: string, change: (world: World, postgres: LabPostgres) => void): Scenario {
  return { name: `postgres-${name}`, says, prepare: (world) => change(world, addPostgres(world)) };
}

const WAITING = 'Waiting for the instances to become active';
const PARTED = "requested timeline 4 is not in this server's history";

function nodeOf(world: World, name: string) {
  const node = world.nodes.get(name);
  if (node === undefined) throw new Error(`The lab has no node ${name}`);
  return node;
}

/** What ails the servers. */
const servers: readonly Scenario[] = [
  where('well', 'Both instances of PostgreSQL are well.', () => {}),
  where('silent', 'The node of the primary does not answer over SSH.', (world) => {
    nodeOf(world, 'k8s-node3').sshAnswers = false;
  }),
  where('deleted', 'Somebody deleted the cluster, and its volumes are left.', (world) => {
    deleteCluster(world, { isGone: true });
    endInstances(world, { claims: true });
  }),
  where('going', 'Somebody deleted the cluster, and a finalizer keeps its object.', (world) =>
    deleteCluster(world, { isGone: false }),
  ),
  where('unrecoverable', 'All claims of the instances are gone, and their volumes are left.', (world) => {
    endInstances(world, { claims: true });
    const phaseReason =
      'One or more instances were previously created, but no PersistentVolumeClaims (PVCs) exist. The cluster is in an unrecoverable state.';
    setPhase(world, 'Cluster is unrecoverable and needs manual intervention', { phaseReason, readyInstances: 0 });
  }),
  where('hibernated', 'The cluster sleeps on purpose.', (world) => {
    endInstances(world);
    setCluster(world, { metadata: { annotations: { 'cnpg.io/hibernation': 'on' } }, status: { readyInstances: 0 } });
  }),
  where('operator-down', 'The operator of PostgreSQL ends again and again.', (world) => {
    const says = ['{"level":"error","msg":"unable to start manager","error":"leader election lost"}'];
    world.cluster.ailments.push({ workload: 'cnpg-cloudnative-pg', container: 'manager', reason: 'Error', exitCode: 1, says });
    const [pod] = world.cluster.podsOf(world.cluster.workload('cnpg-system', 'cnpg-cloudnative-pg'));
    if (pod !== undefined) world.cluster.report(pod, 'crashing');
  }),
  where('switchover', 'Somebody asked for another primary.', (world) =>
    setPhase(world, 'Switchover in progress', { targetPrimary: 'pg-cluster-2' }),
  ),
  where('failing-over', 'The node of the primary is not ready, and the replica takes over.', (world) => {
    world.cluster.setReady(nodeOf(world, 'k8s-node3'), 'Unknown');
    nodeOf(world, 'k8s-node3').sshAnswers = false;
    unready(world, instance(world, 'pg-cluster-1'));
    setPhase(world, 'Failing over', { targetPrimary: 'pg-cluster-2', readyInstances: 1 });
  }),
  where('at-work', 'The operator still calls the disk too small after it has grown.', (world) =>
    setPhase(world, 'Not enough disk space', { phaseReason: 'Insufficient disk space detected in one or more pods' }),
  ),
  where('labels-lost', 'No instance is labelled as the primary.', ({ store }) =>
    store.patch(
      { resource: PODS, namespace: 'dbaas', name: 'pg-cluster-1' },
      { metadata: { labels: { 'cnpg.io/instanceRole': 'replica' } } },
    ),
  ),
  where('two-primaries', 'Somebody promoted the replica by hand.', (_world, postgres) => {
    postgres.alsoWrites = 'pg-cluster-2';
    postgres.replicas.splice(0);
  }),
  where('fenced', 'Somebody fenced the replica.', (world, postgres) => {
    setCluster(world, { metadata: { annotations: { 'cnpg.io/fencedInstances': '["pg-cluster-2"]' } } });
    unready(world, instance(world, 'pg-cluster-2'));
    postgres.servers.set('pg-cluster-2', 'stopped');
    postgres.replicas.splice(0);
  }),
  where('not-scheduled', 'No node takes the pod of the replica.', (world, postgres) => {
    endInstances(world, { only: 'pg-cluster-2' });
    const pod = world.cluster.make(world.cluster.workload('dbaas', 'pg-cluster'), { slot: 1 });
    label(world, 'pg-cluster-2');
    world.cluster.events.warn(
      pod,
      'FailedScheduling',
      '0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 node(s) exceed max volume count.',
    );
    postgres.replicas.splice(0);
    setPhase(world, WAITING, { readyInstances: 1 });
  }),
  where('not-attached', 'The volume of the primary does not come to its node.', (world, postgres) => {
    const pod = instance(world, 'pg-cluster-1');
    world.cluster.report(pod, 'starting');
    const refused = 'AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = Internal desc = no free lun found';
    world.cluster.events.warn(pod, 'FailedAttachVolume', refused);
    postgres.servers.set('pg-cluster-1', 'stopped');
    setPhase(world, WAITING, { readyInstances: 1 });
  }),
  where('disk-full', 'The write-ahead log has filled the volume of the primary.', (world) => {
    fill(world, 'pg-cluster-1', { freeBytes: 0, walBytes: 14 * GIB });
    crash(world, 'pg-cluster-1', { says: 'Detected low-disk space condition, avoid starting the instance', exitCode: 4 });
    setPhase(world, 'Not enough disk space', { readyInstances: 1 });
  }),
  where('slot-idle', 'The replica is away, and its slot keeps the log of the primary.', (world) => {
    fill(world, 'pg-cluster-1', { freeBytes: 1.4 * GIB, walBytes: 14 * GIB });
    idle(world, 13.6 * GIB);
    crash(world, 'pg-cluster-2', { says: 'could not locate a valid checkpoint record' });
    setPhase(world, WAITING, { readyInstances: 1 });
  }),
  where('cannot-join', 'The history of the replica parts from that of the primary.', (world) => {
    idle(world, 0.2 * GIB);
    crash(world, 'pg-cluster-2', { says: PARTED });
    setPhase(world, WAITING, { readyInstances: 1 });
  }),
  where('joined-again', 'The replica could not follow once, and follows now.', (world) => {
    const says = [logged(world, 'pg-cluster-2', PARTED)];
    ail(world, 'pg-cluster-2', { reason: 'Error', exitCode: 1, says, onceMs: world.time.nowMs - 60_000 });
  }),
  where(
    'primary-crashes',
    'The first instance is the primary no more by number, and the primary ends and speaks of histories.',
    (world, postgres) => {
      postgres.primary = 'pg-cluster-2';
      label(world, 'pg-cluster-2', 'primary');
      label(world, 'pg-cluster-1');
      idle(world, 0);
      crash(world, 'pg-cluster-2', { says: PARTED });
      setPhase(world, WAITING, { currentPrimary: 'pg-cluster-2', targetPrimary: 'pg-cluster-2', readyInstances: 1 });
    },
  ),
  where('replica-behind', 'The replica lags far behind.', (_world, { replicas }) => {
    for (const replica of replicas) replica.lagBytes = 966_367_641;
  }),
  where('replica-gone', 'The pod of the replica is not made again.', (world, { replicas }) => {
    endInstances(world, { only: 'pg-cluster-2' });
    replicas.splice(0);
    setPhase(world, WAITING, { readyInstances: 1 });
  }),
];

function label({ store }: World, name: string, role: 'primary' | 'replica' = 'replica'): void {
  const labels = { 'cnpg.io/cluster': 'pg-cluster', 'cnpg.io/podRole': 'instance', 'cnpg.io/instanceRole': role };
  store.patch({ resource: PODS, namespace: 'dbaas', name }, { metadata: { labels } });
}

function lose({ databases }: LabPostgres) {
  const lost = databases.get('linkwarden');
  if (lost === undefined) throw new Error('The lab has no linkwarden');
  databases.delete('linkwarden');
  return lost;
}

/** But for the history of its migrations. */
function rowsLost(tables: Readonly<Record<string, number>>): Record<string, number> {
  const left = Object.entries(tables).map(([name, rows]) => [name, name === 'public._prisma_migrations' ? rows : 0] as const);
  return Object.fromEntries(left);
}

function empty({ databases }: LabPostgres): void {
  const { tables = {} } = databases.get('linkwarden') ?? {};
  Object.assign(tables, rowsLost(tables));
}

function emptySince(nights: number): (backup: LabBackup, nightsAgo: number) => LabBackup {
  return (backup, nightsAgo) => {
    const { content } = backup;
    const { linkwarden } = content.kind === 'pg_dumpall' ? content.databases : {};
    if (content.kind !== 'pg_dumpall' || linkwarden === undefined || nightsAgo >= nights) return backup;
    const lost = { ...linkwarden, tables: rowsLost(linkwarden.tables) };
    return { ...backup, content: { ...content, databases: { ...content.databases, linkwarden: lost } } };
  };
}

/** What the databases lack. */
const data: readonly Scenario[] = [
  where('database-missing', 'A database is gone that its application wants.', (_world, postgres) => void lose(postgres)),
  where('database-aside', 'A restore stopped between two names.', (_world, postgres) => {
    postgres.databases.set('linkwarden_storagebot-3f2a9c81d0-2-broken', { ...lose(postgres), allowsConnections: false });
  }),
  where('database-closed', 'A database takes no connections.', (_world, { databases }) => {
    const closed = databases.get('linkwarden');
    if (closed !== undefined) closed.allowsConnections = false;
  }),
  where('database-empty', 'The rows of a database have been gone for two nights.', (world, postgres) => {
    empty(postgres);
    addBackups(world, postgresNights(world).map(emptySince(2)));
  }),
  where('database-never-dumped', 'The rows of a database were gone before the oldest dump.', (world, postgres) => {
    empty(postgres);
    addBackups(world, postgresNights(world).map(emptySince(14)));
  }),
  where('dump-unreadable', 'The NAS does not answer over SSH, and a database has no rows.', (world, postgres) => {
    empty(postgres);
    world.nas.acceptsKeys = false;
  }),
  where('database-new', 'A database was made today and has no tables yet.', (_world, { databases, roles }) => {
    databases.set('forgejo', { oid: 20_001, owner: 'forgejo', tables: {}, allowsConnections: true, bytes: 7_508_500 });
    roles.push('forgejo');
  }),
];

export const postgresScenarios: readonly Scenario[] = [...servers, ...data];
