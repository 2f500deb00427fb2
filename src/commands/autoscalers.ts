import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';

const AUTOSCALERS: Resource = { apiVersion: 'autoscaling/v2', plural: 'horizontalpodautoscalers', namespaced: true };

const Autoscaler = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: z.object({
      scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
      minReplicas: z.number().default(1),
      maxReplicas: z.number(),
    }),
  })
  .transform(({ metadata: { name, namespace, ownerReferences }, spec }) => ({
    name,
    namespace,
    target: spec.scaleTargetRef,
    /** How many pods it lets run, at least and at most. */
    least: spec.minReplicas,
    most: spec.maxReplicas,
    /** What made it: KEDA's ScaledObject, which also starts what is at 0. */
    owner: ownerReferences[0],
  }));
export type Autoscaler = z.output<typeof Autoscaler>;

export function autoscalers() {
  return defineRead<readonly Autoscaler[]>({
    asks: 'Which workloads are scaled by themselves?',
    command: kubernetes({ verb: 'list', resource: AUTOSCALERS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(Autoscaler) }).parse(JSON.parse(stdout)).items,
  });
}
