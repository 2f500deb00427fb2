import { badRequest } from './errors.ts';
import { isRecord } from './object.ts';

/** JSON Merge Patch (RFC 7386). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** JSON Patch (RFC 6902) with add, remove, replace and test. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  const copy = structuredClone(target);
  for (const operation of operations) applyOperation(copy, operation);
  return copy;
}

function applyOperation(root: unknown, operation: unknown): void {
  if (!isRecord(operation) || typeof operation['path'] !== 'string') throw badRequest('invalid JSON patch operation');
  const { op, path, value } = operation;
  const keys = String(path)
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop();
  if (last === undefined) throw badRequest('the whole object cannot be patched');
  const parent = keys.reduce<unknown>((inner, key) => child(inner, key), root);
  if (op === 'test') requireEqual(child(parent, last), value);
  else if (Array.isArray(parent)) changeArray(parent, last, operation);
  else if (isRecord(parent)) changeRecord(parent, last, operation);
  else throw badRequest(`unable to apply JSON patch: ${String(path)} does not exist`);
}

function child(value: unknown, key: string): unknown {
  return Array.isArray(value) ? value[Number(key)] : isRecord(value) ? value[key] : undefined;
}

function requireEqual(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw badRequest('the server rejected our request: JSON patch test failed');
}

type Operation = Record<string, unknown>;

function changeRecord(parent: Record<string, unknown>, key: string, { op, value }: Operation): void {
  if (op !== 'add' && !Object.hasOwn(parent, key)) throw badRequest(`unable to apply JSON patch: ${key} does not exist`);
  if (op === 'remove') delete parent[key];
  else if (op === 'add' || op === 'replace') parent[key] = value;
  else throw badRequest(`unexpected JSON patch operation: ${String(op)}`);
}

function changeArray(parent: unknown[], key: string, { op, value }: Operation): void {
  const index = key === '-' ? parent.length : Number(key);
  if (op === 'add') parent.splice(index, 0, value);
  else if (op === 'remove') parent.splice(index, 1);
  else if (op === 'replace') parent.splice(index, 1, value);
  else throw badRequest(`unexpected JSON patch operation: ${String(op)}`);
}
