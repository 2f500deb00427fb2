import { podsOfNamespace } from '../commands/cluster.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import type { PostgresCluster } from '../commands/cnpg.ts';
import { postgresClusters } from '../commands/cnpg.ts';
import type { Container } from '../commands/in-container.ts';
import type { ServerState } from '../commands/postgres.ts';
import { serverState } from '../commands/postgres.ts';
import type { PostgresSite } from '../core/databases.ts';
import { Refusal } from '../core/errors.ts';
import type { Known, Reader, Seen } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';

/** A pod of the cluster. */
export interface PostgresInstance {
  readonly pod: Pod;
  /** As the operator labels it. */
  readonly role: 'primary' | 'replica' | undefined;
  /** Where its server can be asked; absent while its container does not run. */
  readonly container?: Container;
  /** What its server says of itself, where it could be asked. */
  readonly state?: Seen<ServerState>;
}

/** The server that takes writes: for the operator, by its label and by its own word. */
export interface PostgresPrimary {
  readonly pod: Pod;
  readonly container: Container;
  readonly state: Known<ServerState>;
}

export interface PostgresLook {
  readonly site: PostgresSite;
  readonly clusters: Seen<readonly PostgresCluster[]>;
  /** As the operator has it; absent where there is none of this name, or it could not be seen. */
  readonly cluster: PostgresCluster | undefined;
  /** Of its namespace. */
  readonly pods: Seen<readonly Pod[]>;
  readonly instances: readonly PostgresInstance[];
  readonly primary: PostgresPrimary | { readonly why: string };
}

/** Refuses where the configuration does not name the cluster. */
export function postgresSiteOf({ databases }: Site): PostgresSite {
  if (databases?.postgres !== undefined) return databases.postgres;
  throw new Refusal(
    'not-found',
    'databases.postgres is not in the configuration: the bot does not know which cluster to look at',
  );
}

export const CLUSTER_LABEL = 'cnpg.io/cluster';
const ROLE_LABEL = 'cnpg.io/instanceRole';

export async function lookAtPostgres(read: Reader, site: Site): Promise<PostgresLook> {
  const postgres = postgresSiteOf(site);
  const [clusters, pods] = await Promise.all([read(postgresClusters()), read(podsOfNamespace(postgres.namespace))]);
  const cluster = clusters.known
    ? clusters.value.find(({ namespace, name }) => namespace === postgres.namespace && name === postgres.cluster)
    : undefined;
  const own = pods.known ? pods.value.filter(({ labels }) => isInstance(labels, postgres)) : [];
  const instances = await Promise.all(own.map((pod) => lookAtInstance(read, site, pod)));
  return { site: postgres, clusters, cluster, pods, instances, primary: primaryOf(cluster, instances, postgres) };
}

/** Pods of its jobs carry the label of the cluster too, and have no role. */
function isInstance(labels: Readonly<Record<string, string>>, { cluster }: PostgresSite): boolean {
  return labels[CLUSTER_LABEL] === cluster && labels['cnpg.io/podRole'] === 'instance';
}

async function lookAtInstance(read: Reader, site: Site, pod: Pod): Promise<PostgresInstance> {
  const label = pod.labels[ROLE_LABEL];
  const role = label === 'primary' || label === 'replica' ? label : undefined;
  const id = pod.containers.get('postgres');
  if (pod.node === undefined || id === undefined) return { pod, role };
  const container = { node: nodeHost(site, pod.node), id };
  return { pod, role, container, state: await read(serverState(container)) };
}

function primaryOf(
  cluster: PostgresCluster | undefined,
  instances: readonly PostgresInstance[],
  { namespace, cluster: name }: PostgresSite,
): PostgresLook['primary'] {
  if (cluster?.currentPrimary === undefined) return { why: `The operator names no primary of ${namespace}/${name}` };
  const said = cluster.currentPrimary;
  if (cluster.targetPrimary !== undefined && cluster.targetPrimary !== said)
    return { why: `The operator is on its way from ${said} to ${cluster.targetPrimary} as primary` };
  const instance = instances.find(({ pod }) => pod.name === said);
  if (instance === undefined) return { why: `The pod of the primary ${said} is not there` };
  const { pod, role, container, state } = instance;
  if (role !== 'primary') return { why: `${said} is the primary for the operator, and its label does not say so` };
  if (container === undefined) return { why: `PostgreSQL of the primary ${said} does not run` };
  if (state?.known !== true) return { why: `The primary ${said} could not be asked: ${state?.why.says ?? 'nothing answered'}` };
  if (state.value.inRecovery)
    return { why: `${said} is the primary for the operator, and follows another server by its own word` };
  return { pod, container, state };
}

/** Whether a restore made this database, or put it aside: of any other one, or of this. */
export function isLeftByRestore(name: string, of?: string): boolean {
  return /_storagebot-[\w-]+-(restore|broken|undone)$/.test(name) && (of === undefined || name.startsWith(`${of}_storagebot-`));
}

/** Tables in which tools keep which migrations they made: rows there are nobody's data. */
const HISTORY =
  /^\w+\."?(_prisma_migrations|schema_migrations|ar_internal_metadata|django_migrations|alembic_version|flyway_schema_history|goose_db_version|knex_migrations(_lock)?|__drizzle_migrations|databasechangelog(lock)?|migrations)"?$/i;

export function isHistory(table: string): boolean {
  return HISTORY.test(table);
}
