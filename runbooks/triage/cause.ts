import type { KubeEvent, PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import { HARMLESS, meaningOf, volumeIn } from '../../src/commands/pod-events.ts';
import { backingOf } from '../../src/topology/volumes.ts';
import type { Route } from './routes.ts';
import { isOfNfs, OVER_ISCSI, ROUTES, SILENT_BLOCK } from './routes.ts';

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
    const name = volumeIn(event);
    const route = routeFor(
      event,
      volumes.find((volume) => volume.name === name),
    );
    if (route !== undefined) return { pod, event, route, ...(name !== undefined && { volume: name }) };
  }
  return undefined;
}

/** What is said of an NFS mount is none where the volume is no share. */
function routeFor(event: KubeEvent, volume: PersistentVolume | undefined): Route | undefined {
  const route = routeOf(event);
  const driver = volume && blockDriverOf(volume);
  const isOther = volume !== undefined && backingOf(volume).kind === 'other';
  if (route === undefined || !isOfNfs(route)) return onItsWay(route, driver);
  if (isOther) return undefined;
  return driver === undefined ? route : meaningOf(event) === 'nfs-timed-out' ? onItsWay(SILENT_BLOCK, driver) : undefined;
}

/** A disk over iSCSI goes another way than one that the hypervisor plugs in. */
function onItsWay(route: Route | undefined, driver: string | undefined): Route | undefined {
  const isIscsi = driver !== undefined && /iscsi/.test(driver);
  return isIscsi && route?.next?.words[1] === 'block' ? { ...route, next: OVER_ISCSI } : route;
}

function blockDriverOf(volume: PersistentVolume): string | undefined {
  const backing = backingOf(volume);
  return backing.kind === 'csi' && backing.driver !== 'nfs.csi.k8s.io' ? backing.driver : undefined;
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
