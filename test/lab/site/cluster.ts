import { at, type KubeObject } from '../kubernetes/store.ts';
import { type Ailment, ailmentsOf, asAdmitted, withAilments } from './containers.ts';
import { Events } from './events.ts';
import type { LabNode } from './node.ts';
import { registration } from './populate-block.ts';
import { asTemplated } from './templates.ts';
import { kind, text } from './volumes.ts';
import { newPod, type PodState, statusOf, type Workload } from './workload.ts';
import type { World } from './world.ts';

export type Parts = Pick<World, 'time' | 'nas' | 'hypervisor' | 'nodes' | 'store'>;

const PODS = kind('v1', 'pods');
const NODES = kind('v1', 'nodes');
const CSI_NODES = kind('storage.k8s.io/v1', 'csinodes');

/** How far a pod has got. */
export interface Progress {
  readonly workload: Workload;
  state: PodState;
  /** When kubelet next does something about it. */
  nextMs: number;
  /** Until when the mount helper that was started last tries by itself. */
  triesUntilMs?: number;
  /** When its containers have ended, once it is being deleted. */
  endsMs?: number;
}

/** The pods of the site, what they belong to, and how far they got. */
export class Cluster {
  readonly parts: Parts;
  readonly events: Events;
  readonly workloads: Workload[] = [];
  /** Volumes whose attachments the attach/detach controller does not look after any more. */
  readonly abandoned = new Set<string>();
  /** What makes containers of drivers end. */
  readonly ailments: Ailment[] = [];
  /** What a container that runs has written, by its pod and its name: `mysql-cluster-2/mysql`. */
  readonly says = new Map<string, readonly string[]>();
  /** When the block driver's token was last refused, where that is over: milliseconds since 1970. */
  refusedMs?: number;
  readonly #pods = new Map<string, KubeObject>();
  readonly #progress = new Map<string, Progress>();
  readonly #made = new Map<Workload, number>();
  #sorted: readonly KubeObject[] | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
    this.events = new Events(parts.store, parts.time);
    parts.store.onChange(({ type, object }) => {
      if (object.kind !== 'Pod') return;
      this.#sorted = undefined;
      if (type === 'DELETED') this.#pods.delete(object.metadata.uid);
      else this.#pods.set(object.metadata.uid, object);
    });
  }

  get nowMs(): number {
    return this.parts.time.nowMs;
  }

  /** All pods, in the order of their names. */
  pods(): readonly KubeObject[] {
    const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`;
    this.#sorted ??= [...this.#pods.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return this.#sorted;
  }

  podsOf(workload: Workload): KubeObject[] {
    return this.pods().filter((pod) => this.progressOf(pod)?.workload === workload);
  }

  hasPod(uid: string): boolean {
    return this.#pods.has(uid);
  }

  podNamed(uid: string): string {
    return this.#pods.get(uid)?.metadata.name ?? 'unknown';
  }

  progressOf(pod: KubeObject): Progress | undefined {
    return this.#progress.get(pod.metadata.uid);
  }

  workload(namespace: string, name: string): Workload {
    const found = this.workloads.find((workload) => workload.namespace === namespace && workload.name === name);
    if (found === undefined) throw new Error(`The lab has no workload ${namespace}/${name}`);
    return found;
  }

  /** Makes the next pod of a workload: on this node, or where the scheduler wants it. */
  make(workload: Workload, { slot, node }: { readonly slot: number; readonly node?: string }): KubeObject {
    const count = this.#made.get(workload) ?? 0;
    this.#made.set(workload, count + 1);
    const { store } = this.parts;
    const pod = asAdmitted(store, workload, asTemplated(store, workload, newPod(workload, { count, slot })));
    this.#progress.set(pod.metadata.uid ?? '', { workload, state: 'starting', nextMs: this.nowMs + 1_000 });
    return this.parts.store.create(node === undefined ? pod : { ...pod, spec: { ...Object(pod['spec']), nodeName: node } });
  }

  assign(pod: KubeObject, nodeName: string): void {
    this.parts.store.patch(nameOf(pod), { spec: { nodeName }, status: statusOf(pod, 'starting', this.nowMs) });
  }

  report(pod: KubeObject, state: PodState): void {
    const progress = this.progressOf(pod);
    if (progress !== undefined) progress.state = state;
    const status = withAilments(statusOf(pod, state, this.nowMs), ailmentsOf(this, pod), this.nowMs);
    this.parts.store.patch(nameOf(pod), { status });
  }

  /** Asks kubelet to end it, as a controller does that has too many. */
  end(pod: KubeObject): void {
    this.parts.store.delete(nameOf(pod), { uid: pod.metadata.uid });
  }

  forget(pod: KubeObject): void {
    this.parts.store.delete(nameOf(pod), { uid: pod.metadata.uid, gracePeriodSeconds: 0 });
  }

  nodeOf(pod: KubeObject): LabNode | undefined {
    return this.parts.nodes.get(text(pod, 'spec', 'nodeName'));
  }

  /** May the scheduler send pods there? The lab's pods tolerate no taint. */
  isOpen({ name, isUp }: LabNode): boolean {
    const node = this.parts.store.find({ resource: NODES, name });
    const taints = at(node, 'spec', 'taints');
    return (
      node !== undefined && isUp && at(node, 'spec', 'unschedulable') !== true && (!Array.isArray(taints) || taints.length === 0)
    );
  }

  /** What the API server says of the node's kubelet. */
  setReady(node: LabNode, status: 'True' | 'Unknown'): void {
    if (status === 'True') delete node.silentSinceMs;
    else node.silentSinceMs ??= this.nowMs;
    const stored = this.parts.store.get({ resource: NODES, name: node.name });
    const found = at(stored, 'status', 'conditions');
    const conditions = (Array.isArray(found) ? found : []).map((one) =>
      at(one, 'type') === 'Ready' ? { ...Object(one), status } : one,
    );
    const nodeInfo = status === 'True' ? { nodeInfo: { bootID: node.bootId } } : {};
    this.parts.store.patch({ resource: NODES, name: node.name }, { status: { conditions, ...nodeInfo } });
  }

  driversOf(node: string): string[] {
    const drivers = at(this.parts.store.get({ resource: CSI_NODES, name: node }), 'spec', 'drivers');
    return Array.isArray(drivers) ? drivers.map((driver) => text(driver, 'name')) : [];
  }

  setDrivers(node: string, names: readonly string[]): void {
    const drivers = names.map((name) => registration(name, node));
    this.parts.store.patch({ resource: CSI_NODES, name: node }, { spec: { drivers } });
  }
}

function nameOf({ metadata }: KubeObject) {
  return { resource: PODS, name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
}
