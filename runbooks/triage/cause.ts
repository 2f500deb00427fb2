import type { KubeEvent, PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import { HARMLESS, meaningOf, volumeIn } from '../../src/commands/pod-events.ts';
import { backingOf } from '../../src/topology/volumes.ts';
import type { Route } from './routes.ts';
import { ROUTES } from './routes.ts';

/** Why one pod waits: the first of its errors that is no echo of another. */
export interface Cause {
  readonly pod: Pod;
  readonly event: KubeEvent;
  readonly route: Route;
  /** The volume that the event names: its PersistentVolume, or an inline volume of the pod. */
  readonly volume?: string;
}

/** Said of this pod, oldest first; those that do not tell when come last. What kubelet said of mounting is over once the pod runs. */
export function eventsAbout(pod: Pod, events: readonly KubeEvent[]): readonly KubeEvent[] {
  const ofMounting = (reason: string) => reason === 'FailedMount' || reason === 'FailedAttachVolume';
  return events
    .filter(({ about, warning, reason }) => about.uid === pod.uid && warning && (pod.phase === 'Pending' || !ofMounting(reason)))
    .toSorted((a, b) => (a.firstAt ?? Number.POSITIVE_INFINITY) - (b.firstAt ?? Number.POSITIVE_INFINITY));
}

export function causeOf(pod: Pod, events: readonly KubeEvent[], volumes: readonly PersistentVolume[]): Cause | undefined {
  for (const event of eventsAbout(pod, events)) {
    const route = routeOf(event);
    const volume = volumeIn(event);
    const isNfs = route?.byHand === undefined;
    if (route !== undefined && !(isNfs && isBlock(volumes.find(({ name }) => name === volume))))
      return { pod, event, route, ...(volume !== undefined && { volume }) };
  }
  return undefined;
}

/** Every driver may time out, and says it in the same words. */
function isBlock(volume: PersistentVolume | undefined): boolean {
  const backing = volume && backingOf(volume);
  return backing?.kind === 'other' || (backing?.kind === 'csi' && backing.driver !== 'nfs.csi.k8s.io');
}

/** undefined: a text that says nothing about the cause, or none that is known. */
export function routeOf(event: KubeEvent): Route | undefined {
  const meaning = meaningOf(event);
  if (meaning === undefined || meaning === 'waiting-for-consumer' || meaning === 'attempt-still-running') return undefined;
  return ROUTES[meaning];
}

export function harmlessOf(event: KubeEvent): string | undefined {
  const meaning = meaningOf(event);
  return meaning === undefined ? undefined : HARMLESS[meaning];
}

/** The NFS server that the volume of the event is on; undefined where it is on none, or the event names none. */
export function serverOf({ pod, volume }: Cause, volumes: readonly PersistentVolume[]): string | undefined {
  const inline = pod.spec.volumes.find(({ name }) => name === volume)?.nfs;
  if (inline !== undefined) return inline.server;
  const found = volumes.find(({ name }) => name === volume);
  const backing = found && backingOf(found);
  return backing?.kind === 'nfs' ? backing.server : undefined;
}
