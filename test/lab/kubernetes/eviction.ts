import type { ObjectName } from '../../../src/core/kubernetes.ts';
import { ApiError, budgetForbids } from './errors.ts';
import { at, type KubeObject } from './object.ts';
import type { Objects } from './objects.ts';
import { resourceOfKind } from './resources.ts';
import { selects } from './selectors.ts';

/** Deletes the pod if its disruption budget allows one more to be missing, and writes that down in the budget. */
export function evict(objects: Objects, pod: ObjectName, eviction: unknown): object {
  const stored = objects.get(pod);
  const uid = textAt(eviction, 'deleteOptions', 'preconditions', 'uid');
  const gracePeriodSeconds = at(eviction, 'deleteOptions', 'gracePeriodSeconds');
  const counts = !['Pending', 'Succeeded', 'Failed'].includes(String(at(stored, 'status', 'phase')));
  const budget = counts && stored.metadata.deletionTimestamp === undefined ? budgetOf(objects, stored) : undefined;
  const meant = uid === undefined || uid === stored.metadata.uid;
  if (budget !== undefined && meant) spend(objects, budget);
  objects.delete(pod, { uid, ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}) });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

const budgets = resourceOfKind('policy/v1', 'PodDisruptionBudget');

function budgetOf(objects: Objects, pod: KubeObject): KubeObject | undefined {
  if (budgets === undefined || pod.metadata.namespace === undefined) return undefined;
  const all = objects.list({ resource: budgets, namespace: pod.metadata.namespace });
  const [budget, second] = all.filter((one) => selects(at(one, 'spec', 'selector'), pod));
  if (second === undefined) return budget;
  const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  throw new ApiError(500, 'InternalError', { message });
}

function spend(objects: Objects, budget: KubeObject): void {
  const number = (field: string) => Number(at(budget, 'status', field) ?? 0);
  const { name, namespace } = budget.metadata;
  if (number('disruptionsAllowed') <= 0) {
    const needs = `needs ${number('desiredHealthy')} healthy pods and has ${number('currentHealthy')} currently`;
    throw budgetForbids([{ reason: 'DisruptionBudget', message: `The disruption budget ${name} ${needs}` }]);
  }
  if (budgets === undefined || namespace === undefined) return;
  const status = { disruptionsAllowed: number('disruptionsAllowed') - 1 };
  objects.patch({ resource: budgets, name, namespace }, { status });
}

function textAt(value: unknown, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}
