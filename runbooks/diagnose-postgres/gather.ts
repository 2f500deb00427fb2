import { postgresDump } from '../../src/commands/backup-dumps.ts';
import { backupFiles } from '../../src/commands/backup-files.ts';
import { eventsOf, nodes, persistentVolumeClaims, persistentVolumes, pods } from '../../src/commands/cluster.ts';
import type { PersistentVolumeClaim } from '../../src/commands/cluster-objects.ts';
import { containerLog, driverPods } from '../../src/commands/driver-pods.ts';
import type { Container } from '../../src/commands/in-container.ts';
import type { DataSpace, Fill, PgDatabase, Replication } from '../../src/commands/postgres.ts';
import { databaseFill, dataSpace, dataSpaceOnNode, postgresDatabases, replicationOf } from '../../src/commands/postgres.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import type { PostgresInstance, PostgresLook } from '../../src/topology/postgres-look.ts';
import { lookAtPostgres, postgresSiteOf } from '../../src/topology/postgres-look.ts';
import type { DataFacts, DumpFacts, Facts, InstanceFacts } from './facts.ts';
import { followsIn, isAsked, isEmpty } from './facts.ts';

export async function gather(read: Reader, site: Site): Promise<Facts> {
  const { namespace } = postgresSiteOf(site);
  const [look, all, nodeList, volumes, claims, events, containers] = await Promise.all([
    lookAtPostgres(read, site),
    read(pods()),
    read(nodes()),
    read(persistentVolumes()),
    read(persistentVolumeClaims()),
    read(eventsOf(namespace)),
    read(driverPods(namespace)),
  ]);
  const data = await lookAtData(read, site, look);
  const around = { read, site, claims, ...(data?.replication !== undefined && { replication: data.replication }) };
  const instances = await Promise.all(look.instances.map((instance) => lookInto(instance, around)));
  const lists = { pods: all, nodes: nodeList, volumes, claims, events, containers };
  return { look, instances, ...(data !== undefined && { data }), ...lists };
}

interface Around {
  readonly read: Reader;
  readonly site: Site;
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
  readonly replication?: Seen<Replication>;
}

async function lookInto(instance: PostgresInstance, around: Around): Promise<InstanceFacts> {
  const { pod } = instance;
  const wasMade = !pod.waits.includes('ContainerCreating') && pod.node !== undefined && pod.phase !== 'Pending';
  const [space, log] = await Promise.all([
    wasMade ? spaceOf(instance, around) : undefined,
    wasMade && (!pod.ready || isLeft(instance, around))
      ? around.read(containerLog({ namespace: pod.namespace, pod: pod.name, container: 'postgres' }, 'present'))
      : undefined,
  ]);
  return { ...instance, ...(space !== undefined && { space }), ...(log !== undefined && { log }) };
}

/** A replica that may be ready, and that the primary does not feed. */
function isLeft({ pod, role }: PostgresInstance, { replication }: Around): boolean {
  return role === 'replica' && replication?.known === true && !followsIn(replication.value, pod);
}

/** Where no container runs, the node has the volume mounted all the same while the pod is there. */
async function spaceOf(
  { pod, container }: PostgresInstance,
  { read, site, claims }: Around,
): Promise<Seen<DataSpace> | undefined> {
  if (container !== undefined) return read(dataSpace(container));
  const claim = claims.known
    ? claims.value.find(({ namespace, name }) => namespace === pod.namespace && name === pod.name)
    : undefined;
  if (claim?.volume === undefined || pod.node === undefined) return undefined;
  const mountPoint = `/var/lib/kubelet/pods/${pod.uid}/volumes/kubernetes.io~csi/${claim.volume}/mount`;
  return read(dataSpaceOnNode(nodeHost(site, pod.node), mountPoint));
}

/** The primary knows best; without one, a replica tells whether the data are there. */
async function lookAtData(read: Reader, site: Site, look: PostgresLook): Promise<DataFacts | undefined> {
  const { primary, instances } = look;
  const isPrimary = 'container' in primary;
  const server = isPrimary ? primary : instances.find(({ container, state }) => container !== undefined && state?.known === true);
  if (server?.container === undefined) return undefined;
  const { pod, container } = server;
  const [databases, replication] = await Promise.all([
    read(postgresDatabases(container)),
    isPrimary ? read(replicationOf(container)) : undefined,
  ]);
  const open = databases.known ? databases.value.filter(isAsked) : [];
  const fills = await fillsOf(read, container, open);
  const dumps = [...fills.values()].some((fill) => fill.known && isEmpty(fill.value))
    ? await lookAtDumps(read, site, look)
    : undefined;
  return { pod, databases, ...(replication !== undefined && { replication }), fills, ...(dumps !== undefined && { dumps }) };
}

async function fillsOf(
  read: Reader,
  container: Container,
  databases: readonly PgDatabase[],
): Promise<ReadonlyMap<string, Seen<Fill>>> {
  const asked = databases.map(async ({ name }) => [name, await read(databaseFill(container, name))] as const);
  return new Map(await Promise.all(asked));
}

/** As many nights as are usually kept. */
const DUMPS = 14;

async function lookAtDumps(read: Reader, { nas, backups = {} }: Site, { site }: PostgresLook): Promise<DumpFacts> {
  const { path } = site.backups;
  const job = Object.values(backups).find((each) => each.kind === 'pg_dumpall' && each.path === path);
  const { begins, ends } = job ?? { begins: 'dump_', ends: '.sql.gz' };
  const files = await read(backupFiles(nas.host, { path, begins, ends }));
  const newest = files.known ? files.value.filter(({ isDirectory }) => !isDirectory).slice(0, DUMPS) : [];
  const looks = await Promise.all(newest.map(async (file) => ({ file, dump: await read(postgresDump(nas.host, file.path, 8)) })));
  return { files, looks };
}
