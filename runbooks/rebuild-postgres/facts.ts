import type { Firing } from '../../src/commands/alerts.ts';
import type { PostgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile, BackupNames } from '../../src/commands/backup-files.ts';
import type { Claim } from '../../src/commands/claims.ts';
import type { PersistentVolume } from '../../src/commands/cluster-objects.ts';
import type { PostgresCluster } from '../../src/commands/cnpg.ts';
import type { PostgresSite, StackResource } from '../../src/core/databases.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { PostgresLook } from '../../src/topology/postgres-look.ts';
import type { StackLook } from '../../src/topology/stack-look.ts';

export interface Params {
  readonly file: string;
  readonly anyway?: 'anyway' | undefined;
}

export interface Facts {
  readonly site: Site;
  readonly postgres: PostgresSite;
  /** What makes the cluster. */
  readonly resource: StackResource;
  readonly asked: Params;
  readonly look: PostgresLook;
  readonly claims: Seen<readonly Claim[]>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
  /** How the job names its dumps. */
  readonly names: BackupNames;
  readonly files: Seen<readonly BackupFile[]>;
  /** The one that was named, read to its end; absent while the cluster is not lost, and where there is none. */
  readonly dump?: { readonly file: BackupFile; readonly seen: Seen<PostgresDump> };
  readonly alerts: Seen<Firing>;
  readonly stack: StackLook;
}

/** What the operator says, as far as a rebuild is concerned. */
export type Stage =
  | { readonly is: 'kept' | 'going'; readonly cluster: PostgresCluster }
  | { readonly is: 'lost'; readonly cluster: PostgresCluster }
  /** There is no object of this name. */
  | { readonly is: 'gone' };

const GIVEN_UP = /^Cluster is unrecoverable\b/i;

export function stageOf({ clusters, cluster }: Pick<PostgresLook, 'clusters' | 'cluster'>): Stage | undefined {
  if (!clusters.known) return undefined;
  if (cluster === undefined) return { is: 'gone' };
  if (cluster.isGoing) return { is: 'going', cluster };
  return isGivenUp(cluster) ? { is: 'lost', cluster } : { is: 'kept', cluster };
}

export function isGivenUp({ phase }: Pick<PostgresCluster, 'phase'>): boolean {
  return GIVEN_UP.test(phase);
}

export function nameOf({ namespace, cluster }: PostgresSite): string {
  return `${namespace}/${cluster}`;
}
