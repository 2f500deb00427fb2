import type { VolumeAttachment } from '../../src/commands/block-attachments.ts';
import type { CsiNode, KubeEvent, KubeNode, PersistentVolumeClaim, Pod, Workload } from '../../src/commands/cluster-objects.ts';
import type { Container, DriverPod } from '../../src/commands/driver-pods.ts';
import type { DriverVolume, DriverWorkload, LimitRange } from '../../src/commands/driver-templates.ts';
import type { Process } from '../../src/commands/node-system.ts';
import type { Listener } from '../../src/commands/port-holders.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { usesClaim } from '../../src/topology/claim-users.ts';
import type { WorkloadKind } from '../../src/topology/cluster.ts';
import type { CsiDriver } from '../../src/topology/csi-drivers.ts';
import type { Holder } from '../../src/topology/port-holders.ts';

export interface ClusterFacts {
  readonly csiNodes: Seen<readonly CsiNode[]>;
  readonly nodes: Seen<readonly KubeNode[]>;
  readonly pods: Seen<readonly Pod[]>;
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
  readonly volumes: Seen<readonly DriverVolume[]>;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
  /** What may run pods later, whether it runs some now or not. */
  readonly workloads: readonly { readonly kind: WorkloadKind; readonly list: Seen<readonly Workload[]> }[];
}

/** What a container wrote before it ended, or writes now. */
export interface LogFacts {
  readonly pod: DriverPod;
  readonly container: Container;
  readonly lines: Seen<readonly string[]>;
}

/** Who listens on the ports that a driver's pod needs on a node. */
export interface PortFacts {
  readonly node: string;
  readonly listeners: Seen<readonly Listener[]>;
  readonly processes: Seen<readonly Process[]>;
  readonly holders: readonly Holder[];
}

export interface DriverFacts {
  readonly driver: CsiDriver;
  readonly pods: Seen<readonly DriverPod[]>;
  readonly daemonSets: Seen<readonly DriverWorkload[]>;
  readonly deployments: Seen<readonly DriverWorkload[]>;
  readonly limitRanges: Seen<readonly LimitRange[]>;
  readonly events: Seen<readonly KubeEvent[]>;
  /** Of containers that do not run, or run again and are not ready. */
  readonly endings: readonly LogFacts[];
  /** Of the controllers that run. */
  readonly controllerLogs: readonly LogFacts[];
  readonly ports: readonly PortFacts[];
  /** Of nodes with a container that ended and runs again, or a controller whose token was refused. */
  readonly clocks: Readonly<Record<string, Seen<number>>>;
}

export interface Facts {
  readonly site: Site;
  readonly cluster: ClusterFacts;
  readonly drivers: readonly DriverFacts[];
}

export function nodePods({ driver, pods }: Pick<DriverFacts, 'driver' | 'pods'>): readonly DriverPod[] {
  return livingPods(pods).filter(({ owner }) => owner?.kind === 'DaemonSet' && owner.name === driver.daemonSet);
}

export function controllerPods({ driver, pods }: Pick<DriverFacts, 'driver' | 'pods'>): readonly DriverPod[] {
  return livingPods(pods).filter(({ owner }) => isOfDeployment(owner, driver.controller));
}

/** Through its ReplicaSet, which is named after it and the hash of its template. */
export function isOfDeployment(owner: DriverPod['owner'], name: string): boolean {
  return owner?.kind === 'ReplicaSet' && owner.name.replace(/-[a-z0-9]+$/, '') === name;
}

/** Of the controllers that run, and of those that ended: a token that is refused at its start ends a controller. */
export function logsOfControllers(
  facts: Pick<DriverFacts, 'driver' | 'pods' | 'endings' | 'controllerLogs'>,
): readonly LogFacts[] {
  const own = controllerPods(facts);
  return [...facts.controllerLogs, ...facts.endings.filter(({ pod }) => own.includes(pod))];
}

/** Without those that were evicted or lost: they stay in the list, and nothing of them runs or comes back. */
export function livingPods(pods: DriverFacts['pods']): readonly DriverPod[] {
  return pods.known ? pods.value.filter(({ phase }) => phase !== 'Failed' && phase !== 'Succeeded') : [];
}

/** Nodes that have a pod of the driver, or a pod with a volume of it, and have not registered it. */
export function unregisteredNodes(facts: Pick<DriverFacts, 'driver' | 'pods'>, cluster: ClusterFacts): readonly string[] {
  const { csiNodes } = cluster;
  if (!csiNodes.known) return [];
  const there = new Set([...csiNodes.value.map(({ node }) => node), ...namesOf(cluster.nodes)]);
  const homes = new Set([...nodePods(facts).flatMap(({ node }) => node ?? []), ...nodesInNeed(facts.driver, cluster)]);
  const registered = csiNodes.value.filter(({ drivers }) => drivers.includes(facts.driver.name)).map(({ node }) => node);
  return [...homes].filter((node) => there.has(node) && !registered.includes(node)).toSorted();
}

/** Where pods need the driver and no pod of it is, though its registration of before may be there still. */
export function nodesWithoutPod(facts: Pick<DriverFacts, 'driver' | 'pods'>, cluster: ClusterFacts): readonly string[] {
  const { csiNodes } = cluster;
  const has = new Set(nodePods(facts).map(({ node }) => node));
  const inNeed = new Set(nodesInNeed(facts.driver, cluster));
  return csiNodes.known ? csiNodes.value.map(({ node }) => node).filter((node) => inNeed.has(node) && !has.has(node)) : [];
}

/** A node that has registered nothing yet may have no CSINode; one that was taken away has no object at all. */
function namesOf(nodes: ClusterFacts['nodes']): readonly string[] {
  return nodes.known ? nodes.value.map(({ name }) => name) : [];
}

function nodesInNeed({ name }: CsiDriver, cluster: ClusterFacts): readonly string[] {
  return (podsUsing(name, cluster) ?? []).flatMap(({ node }) => node ?? []);
}

/** Pods that have not ended and mount a volume of this driver; undefined where that could not be seen. */
export function podsUsing(driver: string, { pods, claims, volumes }: ClusterFacts): readonly Pod[] | undefined {
  const own = claimsOf(driver, { claims, volumes });
  if (!pods.known || own === undefined) return undefined;
  const wanted = new Set(own.map(({ namespace, name }) => `${namespace}/${name}`));
  return pods.value.filter(
    ({ phase, namespace, spec }) =>
      phase !== 'Succeeded' &&
      phase !== 'Failed' &&
      spec.volumes.some(
        ({ persistentVolumeClaim: claim }) => claim !== undefined && wanted.has(`${namespace}/${claim.claimName}`),
      ),
  );
}

function claimsOf(driver: string, { claims, volumes }: Pick<ClusterFacts, 'claims' | 'volumes'>) {
  if (!claims.known || !volumes.known) return undefined;
  const own = new Set(volumes.value.filter((volume) => volume.driver === driver).map(({ name }) => name));
  return claims.value.filter(({ volume }) => volume !== undefined && own.has(volume));
}

/** Workloads that name a claim of this driver, though they may run no pod now: a CronJob needs its claim at night alone. */
export function namersOf(driver: string, cluster: ClusterFacts): readonly string[] {
  const own = claimsOf(driver, cluster) ?? [];
  return cluster.workloads.flatMap(({ kind, list }) =>
    (list.known ? list.value : [])
      .filter((workload) => own.some((claim) => usesClaim({ kind, ...workload }, claim)))
      .map(({ namespace, name }) => `${kind} ${namespace}/${name}`),
  );
}

/** It does not run because it ended; one that waits for its image, say, may have ended a year ago. */
export function isEnding({ waits, runs, ended, ready }: Container): boolean {
  if (ended === undefined || runs || ready) return false;
  return waits === undefined || waits === 'CrashLoopBackOff' || waits === 'RunContainerError';
}

/** It runs, and is not ready: whether it ended just now or long ago only the clock of its node tells. */
export function runsAgain({ runs, ended, ready }: Container): boolean {
  return ended !== undefined && runs && !ready;
}

/** kubelet waits up to five minutes before it starts a container again. */
const LATELY_S = 900;

export function endedLately({ pod, container }: Pick<LogFacts, 'pod' | 'container'>, { clocks }: DriverFacts): boolean {
  const clock = clocks[pod.node ?? ''];
  const atS = container.ended?.atS;
  return (
    isEnding(container) || (runsAgain(container) && clock?.known === true && atS !== undefined && clock.value - atS < LATELY_S)
  );
}

export function wasKilledForMemory({ ended }: Container): boolean {
  return ended?.reason === 'OOMKilled';
}
