import type { ServerResponse } from 'node:http';
import { json, selectorsOf } from './api.ts';
import { ApiError, statusOf } from './errors.ts';
import type { Change } from './object.ts';
import type { Objects } from './objects.ts';
import { matcher } from './selectors.ts';
import type { Target } from './target.ts';

/** Streams the changes of a collection, one JSON line each, until the client leaves or `timeoutSeconds` are over. */
export function streamChanges(
  objects: Objects,
  target: Target,
  { query, response }: { query: URLSearchParams; response: ServerResponse },
): void {
  const matches = matcher(selectorsOf(query));
  const send = ({ type, object }: Change) => {
    const { apiVersion, kind } = target.resource;
    const here = target.namespace === undefined || object.metadata.namespace === target.namespace;
    const named = target.name === undefined || object.metadata.name === target.name;
    const same = object.apiVersion === apiVersion && object.kind === kind;
    if (same && here && named && matches(object)) response.write(json(200, { type, object }).body);
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  const past = pastChanges(objects, target, query.get('resourceVersion'));
  if (past === undefined) {
    const gone = new ApiError(410, 'Expired', { message: `too old resource version: ${query.get('resourceVersion')}` });
    response.end(json(200, { type: 'ERROR', object: statusOf(gone) }).body);
    return;
  }
  for (const change of past) send(change);
  const stop = objects.onChange(send);
  const timer = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 300) * 1_000);
  response.on('close', () => {
    clearTimeout(timer);
    stop();
  });
  response.flushHeaders();
}

/** Without a resourceVersion a watch begins with everything that there is. */
function pastChanges(
  objects: Objects,
  { resource, namespace }: Target,
  resourceVersion: string | null,
): readonly Change[] | undefined {
  if (resourceVersion !== null && resourceVersion !== '' && resourceVersion !== '0')
    return objects.changesSince(Number(resourceVersion));
  const present = objects.list({ resource, ...(namespace === undefined ? {} : { namespace }) });
  return present.map((object) => ({ type: 'ADDED', object }));
}
