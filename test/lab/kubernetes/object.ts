import { z } from 'zod';

const newMetadata = z.looseObject({
  name: z.string().optional(),
  generateName: z.string().optional(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().nullish(),
  generation: z.number().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
  deletionTimestamp: z.string().optional(),
  deletionGracePeriodSeconds: z.number().optional(),
});

/** An object as a client writes it: the server adds uid, resourceVersion and creationTimestamp. */
export const NewObject = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: newMetadata });
export type NewObject = z.output<typeof NewObject>;

/** An object as it is stored and read. */
export const KubeObject = NewObject.extend({
  metadata: newMetadata.extend({ name: z.string(), uid: z.string(), resourceVersion: z.string(), creationTimestamp: z.string() }),
});
export type KubeObject = z.output<typeof KubeObject>;

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** The value at this path of keys, or undefined. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
