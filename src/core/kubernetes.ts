import { Refusal } from './errors.ts';
import { quote } from './quote.ts';

/** A kind of object, as the API's path and as kubectl name it. */
export interface Resource {
  /** `v1`, `apps/v1`, `storage.k8s.io/v1` … */
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ObjectName {
  readonly resource: Resource;
  readonly name: string;
  readonly namespace?: string;
}

export interface NewObject extends ObjectName {
  /** `Job`, `Pod` … */
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One request to the API server. Each renders to one kubectl line and to one HTTP request. */
/** What only looks: the reading identity is used for nothing else. */
export function isReading({ verb }: KubernetesRequest): boolean {
  return verb === 'get' || verb === 'list' || verb === 'logs';
}

export type KubernetesRequest =
  | ({ readonly verb: 'get' } & ObjectName)
  | {
      readonly verb: 'list';
      readonly resource: Resource;
      /** Absent: all namespaces. */
      readonly namespace?: string;
      readonly fieldSelector?: string;
      readonly labelSelector?: string;
    }
  /** The last lines that a container wrote: of its present run, or of the one before. Plain text. */
  | {
      readonly verb: 'logs';
      readonly namespace: string;
      /** The pod's. */
      readonly name: string;
      readonly container: string;
      readonly previous: boolean;
      readonly tailLines: number;
    }
  | ({ readonly verb: 'patch'; readonly patch: Readonly<Record<string, unknown>> } & ObjectName)
  /** Makes an object. Where one of its name is there, the API server refuses and changes nothing. */
  | ({ readonly verb: 'create' } & NewObject)
  /** Deletes the object with this uid only: a successor of the same name is left alone (the API server checks). */
  | ({ readonly verb: 'delete'; readonly uid: string; readonly gracePeriodSeconds?: number } & ObjectName)
  /** Deletes what has this name, after all that it owns: for a name that nobody gives twice, before its uid is known. */
  | ({ readonly verb: 'delete'; readonly propagationPolicy: 'Foreground' } & ObjectName)
  /** Evicts the pod with this uid, if its disruption budget allows. */
  | ({ readonly verb: 'evict'; readonly uid: string } & ObjectName);

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute path with its query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

export function httpRequest(request: KubernetesRequest): HttpRequest {
  switch (request.verb) {
    case 'get':
      return { method: 'GET', path: objectPath(request) };
    case 'list':
      return { method: 'GET', path: collectionPath(request.resource, request.namespace) + listQuery(request) };
    case 'logs':
      return { method: 'GET', path: `${objectPath({ resource: PODS, ...request })}/log${logQuery(request)}` };
    case 'patch':
      return {
        method: 'PATCH',
        path: objectPath(request),
        body: JSON.stringify(request.patch),
        contentType: 'application/merge-patch+json',
      };
    case 'create':
      return { method: 'POST', path: newObjectPath(request), body: newObject(request), contentType: 'application/json' };
    case 'delete':
      return { method: 'DELETE', path: objectPath(request), body: deleteOptions(request), contentType: 'application/json' };
    case 'evict':
      return {
        method: 'POST',
        path: `${objectPath(request)}/eviction`,
        body: eviction(request),
        contentType: 'application/json',
      };
  }
}

/** The kubectl line for this request. What kubectl has no flag for is sent by its `--raw`, so that the line is exact. */
export function showKubernetes(request: KubernetesRequest): string {
  switch (request.verb) {
    case 'get':
      return words('get', objectWord(request), ...inNamespace(request), '--output=json');
    case 'list':
      return words('get', resourceWord(request.resource), ...listWords(request), '--output=json');
    case 'logs':
      return words('logs', objectWord({ resource: PODS, ...request }), ...logWords(request));
    case 'patch':
      return words('patch', objectWord(request), ...inNamespace(request), ...mergeWords(request.patch));
    case 'create':
      return `${words('create', `--raw=${newObjectPath(request)}`, '--filename=-')} <<< ${quote(newObject(request))}`;
    case 'delete':
      return `${words('delete', `--raw=${objectPath(request)}`, '--filename=-')} <<< ${quote(deleteOptions(request))}`;
    case 'evict':
      return `${words('create', `--raw=${objectPath(request)}/eviction`, '--filename=-')} <<< ${quote(eviction(request))}`;
  }
}

function words(...arguments_: string[]): string {
  return ['kubectl', ...arguments_.map(quote)].join(' ');
}

function resourceWord({ apiVersion, plural }: Resource): string {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? plural : `${plural}.${group}`;
}

function objectWord({ resource, name }: ObjectName): string {
  return `${resourceWord(resource)}/${pathSegment(name)}`;
}

function inNamespace({ namespace }: { readonly namespace?: string }): string[] {
  return namespace === undefined ? [] : [`--namespace=${namespace}`];
}

function mergeWords(patch: Readonly<Record<string, unknown>>): string[] {
  return ['--type=merge', `--patch=${JSON.stringify(patch)}`, '--output=json'];
}

type List = Extract<KubernetesRequest, { verb: 'list' }>;

function listWords({ resource, namespace, fieldSelector, labelSelector }: List): string[] {
  return [
    ...(resource.namespaced && namespace === undefined ? ['--all-namespaces'] : []),
    ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
    ...(fieldSelector === undefined ? [] : [`--field-selector=${fieldSelector}`]),
    ...(labelSelector === undefined ? [] : [`--selector=${labelSelector}`]),
  ];
}

function listQuery({ fieldSelector, labelSelector }: List): string {
  const query = new URLSearchParams();
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector);
  if (labelSelector !== undefined) query.set('labelSelector', labelSelector);
  return query.size === 0 ? '' : `?${query}`;
}

const PODS: Resource = { apiVersion: 'v1', plural: 'pods', namespaced: true };

type Logs = Extract<KubernetesRequest, { verb: 'logs' }>;

function logWords({ namespace, container, previous, tailLines }: Logs): string[] {
  const which = previous ? ['--previous'] : [];
  return [`--namespace=${namespace}`, `--container=${container}`, ...which, `--tail=${tailLines}`];
}

function logQuery({ container, previous, tailLines }: Logs): string {
  const query = new URLSearchParams({ container, ...(previous ? { previous: 'true' } : {}), tailLines: `${tailLines}` });
  return `?${query}`;
}

function collectionPath({ apiVersion, plural }: Resource, namespace?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${pathSegment(namespace)}/${plural}`;
}

function objectPath({ resource, name, namespace }: ObjectName): string {
  return `${collectionPath(resource, namespace)}/${pathSegment(name)}`;
}

/** The API server's own rule for names: with any other, the path would be that of something else. */
function pathSegment(name: string): string {
  const forbidden = /^\.{0,2}$|[/%]/;
  if (!forbidden.test(name) && name.isWellFormed()) return encodeURIComponent(name);
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} cannot be the name of a Kubernetes object`);
}

/** The name is in the body alone, and held to the same rule. */
function newObjectPath({ resource, namespace, name }: NewObject): string {
  pathSegment(name);
  return collectionPath(resource, namespace);
}

function newObject({ resource, kind, name, namespace, labels, spec }: NewObject): string {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels };
  return JSON.stringify({ apiVersion: resource.apiVersion, kind, metadata, spec });
}

function deleteOptions(request: Extract<KubernetesRequest, { verb: 'delete' }>): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', ...deletionOf(request) });
}

function deletionOf(request: Extract<KubernetesRequest, { verb: 'delete' }>): object {
  if ('propagationPolicy' in request) return { propagationPolicy: request.propagationPolicy };
  const { gracePeriodSeconds, uid } = request;
  return { ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }), preconditions: { uid } };
}

function eviction({ name, namespace, uid }: Extract<KubernetesRequest, { verb: 'evict' }>): string {
  return JSON.stringify({
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  });
}
