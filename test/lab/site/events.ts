import type { KubeObject, ObjectStore } from '../kubernetes/store.ts';
import { uidOf } from './ids.ts';
import { type Timeline, timestamp } from './time.ts';
import { kind } from './volumes.ts';

const EVENTS = kind('v1', 'events');

/** Writes events as kubelet does: what happens again raises a count. */
export class Events {
  readonly #store: ObjectStore;
  readonly #time: Timeline;
  readonly #counts = new Map<string, number>();

  constructor(store: ObjectStore, time: Timeline) {
    this.#store = store;
    this.#time = time;
  }

  warn(pod: KubeObject, reason: string, message: string): void {
    const { name: podName, namespace = '', uid } = pod.metadata;
    const name = `${podName}.${uidOf(`${uid}${reason}${message}`).replaceAll('-', '').slice(0, 16)}`;
    const count = (this.#counts.get(name) ?? 0) + 1;
    const lastTimestamp = timestamp(this.#time.nowMs);
    this.#counts.set(name, count);
    if (count > 1) {
      this.#store.patch({ resource: EVENTS, namespace, name }, { count, lastTimestamp });
      return;
    }
    this.#store.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace, uid: uidOf(`event/${name}`) },
      involvedObject: { kind: 'Pod', apiVersion: 'v1', name: podName, namespace, uid },
      type: 'Warning',
      reason,
      message,
      count,
      firstTimestamp: lastTimestamp,
      lastTimestamp,
      source: { component: 'kubelet' },
    });
  }
}
