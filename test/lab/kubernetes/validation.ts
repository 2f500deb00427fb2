import { isDeepStrictEqual } from 'node:util';
import { invalid } from './errors.ts';
import { at, type KubeObject } from './object.ts';
import type { LabResource } from './resources.ts';

interface Update {
  readonly stored: KubeObject;
  readonly next: KubeObject;
}

/** Refuses the changes that matter to storage and that the API server refuses: a claim that shrinks or changes its volume. */
export function requireValidUpdate(resource: LabResource, update: Update): void {
  const causes =
    resource.kind === 'PersistentVolumeClaim' ? claimCauses(update) : resource.kind === 'Node' ? nodeCauses(update) : [];
  if (causes.length > 0) throw invalid(resource, update.next.metadata.name, causes);
}

function claimCauses({ stored, next }: Update) {
  const immutable = (object: KubeObject) => JSON.stringify({ ...Object(object['spec']), resources: null });
  const path = ['spec', 'resources', 'requests', 'storage'];
  const bound = at(stored, 'spec', 'volumeName') !== undefined;
  return [
    ...(bound && immutable(stored) !== immutable(next) ? [forbidden('spec', 'spec is immutable after creation')] : []),
    ...(bytesOf(at(next, ...path)) < bytesOf(at(stored, ...path))
      ? [forbidden(path.join('.'), 'field can not be less than previous value')]
      : []),
  ];
}

function nodeCauses({ stored, next }: Update) {
  const [before, after] = [at(stored, 'spec', 'providerID'), at(next, 'spec', 'providerID')];
  if (before === undefined || isDeepStrictEqual(before, after)) return [];
  return [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')];
}

function forbidden(field: string, why: string) {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field };
}

const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function bytesOf(quantity: unknown): number {
  const [, number, unit] = /^([\d.]+)(\D*)$/.exec(String(quantity)) ?? [];
  return Number(number) * (factors[unit ?? ''] ?? Number.NaN);
}
