import type { ObjectName } from '../../../src/core/kubernetes.ts';
import { type LabResource, resourceOf } from './resources.ts';

/** What a path of the API is about. */
export interface Target {
  readonly resource: LabResource;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Undefined where nothing is served at that path. */
export function targetOf(path: string): Target | undefined {
  const [root, ...parts] = path.split('/').slice(1).map(decodeURIComponent);
  const apiVersion = root === 'api' ? parts.shift() : root === 'apis' ? parts.splice(0, 2).join('/') : undefined;
  if (apiVersion === undefined) return undefined;
  const namespace = parts[0] === 'namespaces' && parts.length > 2 ? parts.splice(0, 2)[1] : undefined;
  const [plural, name, subresource, ...more] = parts;
  const resource = resourceOf(apiVersion, plural ?? '');
  if (resource === undefined || more.length > 0 || (namespace !== undefined && !resource.namespaced)) return undefined;
  return {
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined || name === '' ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** The name of the one object that a path with a name is about. */
export function nameOf({ resource, namespace, name = '' }: Target): ObjectName {
  return { resource, name, ...(namespace === undefined ? {} : { namespace }) };
}
