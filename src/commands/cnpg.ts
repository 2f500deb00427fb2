import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
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
      deletionTimestamp: z.string().optional(),
    }),
    spec: z.object({ instances: z.number() }),
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
  .transform(({ metadata: { annotations, deletionTimestamp, ...metadata }, spec, status }) => ({
    ...metadata,
    instances: spec.instances,
    ...status,
    /** Instances whose PostgreSQL the operator keeps stopped; `*` is all of them. */
    fenced: fencedOf(annotations[FENCED]),
    hibernated: annotations[HIBERNATION] === 'on',
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
