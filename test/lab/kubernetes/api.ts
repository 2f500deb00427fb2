import { administrator, type Identity, requireAllowed } from './access.ts';
import { discover } from './discovery.ts';
import { ApiError, badRequest, detailsOf, statusOf, wrongMediaType, wrongMethod } from './errors.ts';
import { evict } from './eviction.ts';
import { logOf } from './logs.ts';
import { at, isRecord, type KubeObject, NewObject } from './object.ts';
import type { Objects } from './objects.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import type { Selectors } from './selectors.ts';
import { nameOf, type Target, targetOf } from './target.ts';

export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

export interface ApiAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

export interface Asking {
  readonly identity?: Identity;
  readonly gitVersion?: string;
}

/** What the API server answers to this request, byte for byte, and does because of it. */
export function answer(
  objects: Objects,
  request: ApiRequest,
  { identity = administrator, gitVersion = 'v1.32.4' }: Asking = {},
): ApiAnswer {
  const { pathname, searchParams } = new URL(request.path, 'https://lab');
  const document = discover(pathname.replace(/(.)\/$/, '$1'), gitVersion);
  if (document !== undefined && request.method === 'GET') return json(200, document);
  const target = targetOf(pathname);
  if (target === undefined) return { code: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };
  try {
    requireAllowed(identity, verbOf(request.method, target, searchParams), target);
    return carryOut(objects, request, target);
  } catch (error) {
    if (error instanceof ApiError) return json(error.code, statusOf(error));
    throw error;
  }
}

export function json(code: number, body: unknown): ApiAnswer {
  return { code, contentType: 'application/json', body: `${JSON.stringify(body)}\n` };
}

export function selectorsOf(query: URLSearchParams): Selectors {
  return { fieldSelector: query.get('fieldSelector') ?? undefined, labelSelector: query.get('labelSelector') ?? undefined };
}

export function watches(query: URLSearchParams): boolean {
  return ['1', 'true'].includes(query.get('watch') ?? '');
}

function verbOf(method: string, { name, subresource }: Target, query: URLSearchParams): string {
  const verb = (name === undefined ? collectionVerbs : objectVerbs)[method];
  if (verb === undefined && !(method === 'POST' && subresource !== undefined)) throw wrongMethod();
  return verb === 'list' && watches(query) ? 'watch' : (verb ?? 'create');
}

const collectionVerbs: Readonly<Record<string, string>> = { GET: 'list', POST: 'create' };
const objectVerbs: Readonly<Record<string, string>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

function carryOut(objects: Objects, request: ApiRequest, target: Target): ApiAnswer {
  if (target.subresource !== undefined) return carryOutSubresource(objects, request, target);
  if (target.name === undefined) {
    return request.method === 'POST' ? json(201, create(objects, request, target)) : json(200, list(objects, request, target));
  }
  switch (request.method) {
    case 'GET':
      return json(200, objects.get(nameOf(target)));
    case 'PUT':
      return json(200, replace(objects, parseBody(request), target));
    case 'PATCH':
      return json(200, replace(objects, patched(objects.get(nameOf(target)), request), target));
    default:
      return json(200, remove(objects, request, target));
  }
}

function carryOutSubresource(objects: Objects, request: ApiRequest, target: Target): ApiAnswer {
  if (target.resource.plural === 'pods' && target.subresource === 'log' && request.method === 'GET')
    return { code: 200, contentType: 'text/plain', body: logOf(objects, request, target) };
  if (target.resource.plural !== 'pods' || target.subresource !== 'eviction' || request.method !== 'POST') throw wrongMethod();
  const eviction = parseBody(request);
  const named = at(eviction, 'metadata', 'name');
  if (named !== target.name)
    throw badRequest(`name in URL does not match name in Eviction object: "${target.name}" vs "${String(named)}"`);
  return json(201, evict(objects, nameOf(target), eviction));
}

function list(objects: Objects, { path }: ApiRequest, target: Target): object {
  const query = new URL(path, 'https://lab').searchParams;
  const { resource, namespace } = target;
  const items = objects.list({ resource, ...(namespace === undefined ? {} : { namespace }) }, selectorsOf(query));
  const { kind, apiVersion } = resource;
  return { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: objects.resourceVersion }, items: items.map(listItem) };
}

/** The API server leaves kind and apiVersion out of the items of a list. */
function listItem({ kind: _kind, apiVersion: _apiVersion, ...item }: KubeObject): object {
  return item;
}

function create(objects: Objects, request: ApiRequest, { namespace }: Target): KubeObject {
  const { metadata, ...object } = parseObject(parseBody(request));
  const { uid: _uid, resourceVersion: _resourceVersion, ...written } = metadata;
  return objects.create({ ...object, metadata: { ...written, ...(namespace === undefined ? {} : { namespace }) } });
}

function replace(objects: Objects, written: unknown, target: Target): KubeObject {
  const stored = objects.get(nameOf(target));
  const object = parseObject(written);
  if (!target.resource.hasStatus) return objects.update(object);
  const { status: _status, ...rest } = object;
  return objects.update(stored['status'] === undefined ? parseObject(rest) : parseObject({ ...rest, status: stored['status'] }));
}

function patched(stored: KubeObject, request: ApiRequest): unknown {
  const patch = parseBody(request);
  switch (request.contentType?.split(';')[0]) {
    case 'application/merge-patch+json':
    case 'application/strategic-merge-patch+json':
      return mergePatch(stored, patch);
    case 'application/json-patch+json':
      return jsonPatch(stored, patch);
    default:
      throw wrongMediaType();
  }
}

/** Kinds of which the API server returns the object that was deleted; of the others it returns a Status. */
const returnsDeleted =
  /^(Pod|PersistentVolume|PersistentVolumeClaim|Service|Namespace|StorageClass|VolumeAttachment|CSINode|CSIDriver)$/;

function remove(objects: Objects, request: ApiRequest, target: Target): object {
  const options = request.body === undefined || request.body === '' ? {} : parseBody(request);
  const uid = at(options, 'preconditions', 'uid');
  const gracePeriodSeconds = at(options, 'gracePeriodSeconds');
  const propagationPolicy = at(options, 'propagationPolicy');
  const removed = objects.delete(nameOf(target), {
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(typeof propagationPolicy === 'string' ? { propagationPolicy } : {}),
  });
  const { name, uid: found, deletionTimestamp } = removed.metadata;
  if (deletionTimestamp !== undefined || returnsDeleted.test(target.resource.kind)) return removed;
  const details = { ...detailsOf(target.resource, name), uid: found };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function parseBody({ body = '' }: ApiRequest): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest("the object provided is unrecognized (must be of type Object): couldn't get version/kind; json parse error");
  }
}

function parseObject(value: unknown): NewObject {
  const parsed = NewObject.safeParse(value);
  if (parsed.success && isRecord(value)) return parsed.data;
  throw badRequest("the object provided is unrecognized (must be of type Object): couldn't get version/kind");
}
