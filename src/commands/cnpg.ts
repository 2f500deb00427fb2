import { z } from 'zod';
import { defineChange, defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';

export const CLUSTERS: Resource = { apiVersion: 'postgresql.cnpg.io/v1', plural: 'clusters', namespaced: true };

const FENCED = 'cnpg.io/fencedInstances';
const HIBERNATION = 'cnpg.io/hibernation';

const Cluster = z
  .object({
    metadata: z.object({
      namespace: z.string(),
      name: z.string(),
      uid: z.string(),
      annotations: z.record(z.string(), z.string()).default({}),
      creationTimestamp: z.string().optional(),
      deletionTimestamp: z.string().optional(),
    }),
    spec: z.object({ instances: z.number(), backup: z.unknown().optional(), plugins: z.array(z.unknown()).nullish() }),
    status: z
      .object({
        phase: z.string().default(''),
        phaseReason: z.string().optional(),
        readyInstances: z.number().default(0),
        currentPrimary: z.string().optional(),
        targetPrimary: z.string().optional(),
      })
      .prefault({}),
  })
  .transform(({ metadata: { annotations, creationTimestamp, deletionTimestamp, ...metadata }, spec, status }) => ({
    ...metadata,
    /** Seconds since 1970. */
    ...(creationTimestamp !== undefined && { createdAt: Date.parse(creationTimestamp) / 1000 }),
    instances: spec.instances,
    ...status,
    /** Instances whose PostgreSQL the operator keeps stopped; `*` is all of them. */
    fenced: fencedOf(annotations[FENCED]),
    hibernated: annotations[HIBERNATION] === 'on',
    /** The operator, or a plugin of it, may archive what is written, or make snapshots: these may go with the cluster. */
    mayHaveBackups: (spec.backup ?? undefined) !== undefined || (spec.plugins ?? []).length > 0,
    /** Somebody deleted it: its pods and claims go with it. */
    isGoing: deletionTimestamp !== undefined,
  }));
export type PostgresCluster = z.output<typeof Cluster>;

function fencedOf(annotation: string | undefined): readonly string[] {
  return annotation === undefined || annotation === '' ? [] : z.array(z.string()).parse(JSON.parse(annotation));
}

/** The clusters of CloudNativePG. */
export function postgresClusters() {
  return defineRead<readonly PostgresCluster[]>({
    asks: 'How does the operator see its PostgreSQL clusters?',
    command: kubernetes({ verb: 'list', resource: CLUSTERS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(Cluster) }).parse(JSON.parse(stdout)).items,
  });
}

/** Its pods, claims, services and the secret of its superuser go with it; volumes that are to be retained stay. */
export function deletePostgresCluster({ namespace, name, uid }: Pick<PostgresCluster, 'namespace' | 'name' | 'uid'>) {
  return defineChange({
    command: kubernetes({ verb: 'delete', resource: CLUSTERS, namespace, name, uid }, 15_000),
    risk: 'destructive',
  });
}
