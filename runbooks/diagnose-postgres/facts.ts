import type { PostgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { KubeEvent, KubeNode, PersistentVolume, PersistentVolumeClaim, Pod } from '../../src/commands/cluster-objects.ts';
import type { Container as ContainerState, DriverPod } from '../../src/commands/driver-pods.ts';
import type { DataSpace, Fill, PgDatabase, Replication } from '../../src/commands/postgres.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { PostgresInstance, PostgresLook } from '../../src/topology/postgres-look.ts';
import { isHistory, isLeftByRestore } from '../../src/topology/postgres-look.ts';

/** A pod of the cluster with all that was seen of it. */
export interface InstanceFacts extends PostgresInstance {
  /** Where its volume can be asked at all. */
  readonly space?: Seen<DataSpace>;
  /** What its server wrote last: of one that is not ready, and of a replica that does not follow. */
  readonly log?: Seen<readonly string[]>;
}

/** What the databases hold, by the word of one server. */
export interface DataFacts {
  readonly pod: Pod;
  readonly databases: Seen<readonly PgDatabase[]>;
  /** Of a primary. */
  readonly replication?: Seen<Replication>;
  readonly fills: ReadonlyMap<string, Seen<Fill>>;
  /** Looked at where a database has no rows. */
  readonly dumps?: DumpFacts;
}

export interface DumpFacts {
  readonly files: Seen<readonly BackupFile[]>;
  /** The newest first. */
  readonly looks: readonly { readonly file: BackupFile; readonly dump: Seen<PostgresDump> }[];
}

export interface Facts {
  readonly look: PostgresLook;
  readonly instances: readonly InstanceFacts[];
  /** Absent where no server could be asked. */
  readonly data?: DataFacts;
  /** Of the whole cluster of Kubernetes, the operator's among them. */
  readonly pods: Seen<readonly Pod[]>;
  readonly nodes: Seen<readonly KubeNode[]>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
  readonly events: Seen<readonly KubeEvent[]>;
  readonly containers: Seen<readonly DriverPod[]>;
}

/** How the container of the server is, as kubelet reports it. */
export function containerOf({ containers }: Facts, { pod }: InstanceFacts): ContainerState | undefined {
  if (!containers.known) return undefined;
  return containers.value.find(({ uid }) => uid === pod.uid)?.containers.find(({ name }) => name === 'postgres');
}

/** `dbaas/pg-cluster` */
export function nameOf({ look: { site } }: Facts): string {
  return `${site.namespace}/${site.cluster}`;
}

/** Databases of applications: not the server's own, nor what a restore left beside one. */
export function isAsked({ name, allowsConnections }: PgDatabase): boolean {
  return allowsConnections && name !== 'postgres' && !isLeftByRestore(name);
}

/** Tables, and no row of anybody's data. */
export function isEmpty({ tables, withRows }: Fill): boolean {
  return tables > 0 && withRows.every(isHistory);
}

/** Whether the primary feeds the server of this pod. */
export function followsIn({ replicas }: Replication, { name }: Pick<Pod, 'name'>): boolean {
  return replicas.some((replica) => replica.name === name && replica.state === 'streaming');
}
