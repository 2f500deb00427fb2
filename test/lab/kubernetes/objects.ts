import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ObjectName } from '../../../src/core/kubernetes.ts';
import { alreadyExists, badRequest, modified, notFound, wrongUid } from './errors.ts';
import { at, type Change, KubeObject, type NewObject } from './object.ts';
import { mergePatch } from './patch.ts';
import { type LabResource, resourceOf, resourceOfKind } from './resources.ts';
import { matcher, type Selectors } from './selectors.ts';
import { requireValidUpdate } from './validation.ts';

export interface ObjectsOptions {
  /** Milliseconds since 1970; the system's clock unless given. */
  readonly now?: () => number;
  /** Uids are made from this and a counter, so that the same history gives the same uids. */
  readonly seed?: string;
}

export interface DeleteOptions {
  readonly uid?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  /** `Foreground`: the object stays, marked, until what it owns is gone. */
  readonly propagationPolicy?: string | undefined;
}

export interface WantedLog {
  readonly container: string;
  readonly previous: boolean;
}

/** The lines of a container's present run or of the one before; undefined where there was none before. */
export type ContainerLogs = (pod: KubeObject, wanted: WantedLog) => readonly string[] | undefined;

export type Collection = Pick<ObjectName, 'resource' | 'namespace'>;

const historyLength = 2_000;

/** The objects of a cluster, with the rules that the API server keeps about them. What it returns are its own, and frozen. */
export class Objects {
  /** What containers wrote: the lab's site sets it. */
  logs: ContainerLogs = () => [];
  readonly #byPath = new Map<string, KubeObject>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #history: Change[] = [];
  readonly #now: () => number;
  readonly #seed: string;
  #uids = 0;
  #version = 0;

  constructor({ now = Date.now, seed = 'lab' }: ObjectsOptions = {}) {
    this.#now = now;
    this.#seed = seed;
  }

  /** The resourceVersion of the latest change. */
  get resourceVersion(): string {
    return String(this.#version);
  }

  /** Calls the listener after each change, before the call that changed something returns. Returns the way to stop it. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Changes after this resourceVersion, or undefined when they are no longer kept. */
  changesSince(resourceVersion: number): readonly Change[] | undefined {
    if (resourceVersion > this.#version) return [];
    const kept = this.#history.filter(({ object }) => Number(object.metadata.resourceVersion) > resourceVersion);
    return kept.length === this.#version - resourceVersion ? kept : undefined;
  }

  /** Keeps a given uid, so that a scenario can name it; the server takes it away from what a client creates. */
  create(object: NewObject): KubeObject {
    const resource = this.#resourceOfKind(object);
    const uid = object.metadata.uid ?? this.#newUid();
    const name = object.metadata.name ?? `${object.metadata.generateName ?? ''}${uid.replaceAll('-', '').slice(0, 5)}`;
    const ref = { resource, name, namespace: object.metadata.namespace };
    if (this.#byPath.has(keyOf(ref))) throw alreadyExists(resource, name);
    const { apiVersion, kind, metadata, ...rest } = structuredClone(object);
    const creationTimestamp = metadata.creationTimestamp ?? this.#timestamp();
    const created = { ...metadata, name, uid, resourceVersion: '', creationTimestamp };
    return this.#commit('ADDED', { kind, apiVersion, metadata: created, ...rest });
  }

  /** As `create`, for what was there before the history that versions count. */
  establish(object: NewObject & { readonly metadata: { readonly name: string; readonly uid: string } }): void {
    const { apiVersion, kind, metadata, ...rest } = structuredClone(object);
    const { name, uid } = metadata;
    const made = {
      ...metadata,
      name,
      uid,
      resourceVersion: '0',
      creationTimestamp: metadata.creationTimestamp ?? this.#timestamp(),
    };
    const established = { kind, apiVersion, metadata: made, ...rest };
    this.#byPath.set(keyOf(this.#nameOf(established)), frozen(established));
  }

  get(name: ObjectName): KubeObject {
    return this.#stored(name);
  }

  /** As `get`; undefined for what is not there. */
  find(name: ObjectName): KubeObject | undefined {
    return structuredClone(this.#byPath.get(keyOf(name)));
  }

  /** In the order of the API server: by namespace, then by name. */
  list(collection: Collection, selectors: Selectors = {}): KubeObject[] {
    const matches = matcher(selectors);
    const root = keyOf({ ...collection, name: '' });
    const keys = [...this.#byPath.keys()].filter((key) => key.startsWith(root)).sort();
    return keys.flatMap((key) => this.#byPath.get(key) ?? []).filter(matches);
  }

  /** Replaces an object. A resourceVersion that is no longer the stored one is a conflict. */
  update(object: NewObject): KubeObject {
    const resource = this.#resourceOfKind(object);
    const name = object.metadata.name ?? '';
    const { namespace } = object.metadata;
    const stored = this.#stored({ resource, name, ...defined({ namespace }) });
    const { resourceVersion = stored.metadata.resourceVersion } = object.metadata;
    if (resourceVersion !== stored.metadata.resourceVersion) throw modified(resource, name);
    const { uid, creationTimestamp, deletionTimestamp, generation } = stored.metadata;
    const kept = { uid, creationTimestamp, resourceVersion, ...defined({ deletionTimestamp, generation }) };
    const given = structuredClone(object);
    const next = KubeObject.parse({ ...given, metadata: { ...given.metadata, ...kept } });
    if (isDeepStrictEqual(next, stored)) return stored;
    requireValidUpdate(resource, { stored, next });
    return this.#settle(nextGeneration(stored, next));
  }

  /** Merges into the object, its status included, as a controller would. */
  patch(name: ObjectName, patch: Readonly<Record<string, unknown>>): KubeObject {
    return this.update(KubeObject.parse(mergePatch(this.#stored(name), patch)));
  }

  /** Deletes, or marks for deletion what has finalizers or, being a pod on a node, needs the kubelet to end it first. */
  delete(name: ObjectName, { uid, gracePeriodSeconds, propagationPolicy }: DeleteOptions = {}): KubeObject {
    const stored = this.#stored(name);
    const resource = this.#resourceOfKind(stored);
    if (uid !== undefined && uid !== stored.metadata.uid) {
      throw wrongUid(resource, name.name, { asked: uid, found: stored.metadata.uid });
    }
    const graceSeconds = graceOf(stored, gracePeriodSeconds);
    const marked = this.#marked(propagationPolicy === 'Foreground' ? awaitingOwned(stored) : stored, graceSeconds);
    const waits = (marked.metadata.finalizers ?? []).length > 0 || graceSeconds > 0;
    if (!waits) return this.#commit('DELETED', stored);
    return isDeepStrictEqual(marked, stored) ? stored : this.#commit('MODIFIED', marked);
  }

  #marked(stored: KubeObject, graceSeconds: number): KubeObject {
    const { deletionTimestamp, deletionGracePeriodSeconds = graceSeconds } = stored.metadata;
    const shorter = deletionTimestamp === undefined || graceSeconds < deletionGracePeriodSeconds;
    const marks = shorter
      ? { deletionTimestamp: this.#timestamp(graceSeconds), deletionGracePeriodSeconds: graceSeconds }
      : { deletionTimestamp, deletionGracePeriodSeconds };
    return { ...stored, metadata: { ...stored.metadata, ...marks } };
  }

  /** Stores a changed object, or removes it when its last finalizer went while it was being deleted. */
  #settle(next: KubeObject): KubeObject {
    const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = next.metadata;
    const gone = deletionTimestamp !== undefined && finalizers.length === 0 && deletionGracePeriodSeconds === 0;
    return this.#commit(gone ? 'DELETED' : 'MODIFIED', next);
  }

  #commit(type: Change['type'], object: KubeObject): KubeObject {
    this.#version += 1;
    const next = frozen({ ...object, metadata: { ...object.metadata, resourceVersion: this.resourceVersion } });
    const key = keyOf(this.#nameOf(next));
    if (type === 'DELETED') this.#byPath.delete(key);
    else this.#byPath.set(key, next);
    this.#history.push({ type, object: next });
    if (this.#history.length > historyLength) this.#history.shift();
    for (const listener of this.#listeners) listener({ type, object: next });
    return next;
  }

  #stored(name: ObjectName): KubeObject {
    const stored = this.#byPath.get(keyOf(name));
    if (stored === undefined) throw notFound(name.resource, name.name);
    return stored;
  }

  #nameOf({ apiVersion, kind, metadata }: KubeObject): ObjectName {
    const { name, namespace } = metadata;
    return { resource: this.#resourceOfKind({ apiVersion, kind }), name, ...defined({ namespace }) };
  }

  #resourceOfKind({ apiVersion, kind }: Pick<NewObject, 'apiVersion' | 'kind'>): LabResource {
    const resource = resourceOfKind(apiVersion, kind);
    if (resource === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return resource;
  }

  #timestamp(afterSeconds = 0): string {
    return new Date(this.#now() + afterSeconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  #newUid(): string {
    this.#uids += 1;
    const hex = createHash('sha256').update(`${this.#seed}:${this.#uids}`).digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
  }
}

/** With all that is in it, so that nobody can change what is stored but by the ways above. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

type Key = Pick<ObjectName, 'resource' | 'name'> & { readonly namespace?: string | undefined };

function keyOf({ resource, namespace, name }: Key): string {
  const root = `${resource.apiVersion} ${resource.plural}/`;
  if (!(resourceOf(resource.apiVersion, resource.plural)?.namespaced ?? false)) return `${root}${name}`;
  return name === '' && namespace === undefined ? root : `${root}${namespace ?? ''}/${name}`;
}

/** Seconds that the kubelet gets to end the pod; 0 for everything that no kubelet runs. */
function graceOf(object: KubeObject, asked: number | undefined): number {
  const ended = ['Succeeded', 'Failed'].includes(String(at(object, 'status', 'phase')));
  if (object.kind !== 'Pod' || at(object, 'spec', 'nodeName') === undefined || ended) return 0;
  return asked ?? Number(at(object, 'spec', 'terminationGracePeriodSeconds') ?? 30);
}

function awaitingOwned(object: KubeObject): KubeObject {
  const finalizers = new Set([...(object.metadata.finalizers ?? []), 'foregroundDeletion']);
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } };
}

function nextGeneration(stored: KubeObject, next: KubeObject): KubeObject {
  const { generation } = stored.metadata;
  if (generation === undefined || isDeepStrictEqual(stored['spec'], next['spec'])) return next;
  return { ...next, metadata: { ...next.metadata, generation: generation + 1 } };
}

function defined<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
