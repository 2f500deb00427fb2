import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import * as commands from '../../src/commands/cluster.ts';
import type { Container, DriverPod } from '../../src/commands/driver-pods.ts';
import * as driverPods from '../../src/commands/driver-pods.ts';
import * as templates from '../../src/commands/driver-templates.ts';
import { clockOf, processesOf } from '../../src/commands/node-system.ts';
import { listenersOf, ownerOfProcess } from '../../src/commands/port-holders.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import type { CsiDriver } from '../../src/topology/csi-drivers.ts';
import type { ClusterFacts, DriverFacts, Facts, LogFacts, PortFacts } from './facts.ts';
import {
  controllerPods,
  isEnding,
  livingPods,
  logsOfControllers,
  nodePods,
  runsAgain,
  unregisteredNodes,
  wasKilledForMemory,
} from './facts.ts';
import { refusalIn } from './refusal.ts';

export async function gather(drivers: readonly CsiDriver[], read: Reader, site: Site): Promise<Facts> {
  const cluster = gatherCluster(read);
  const each = drivers.map((driver) => gatherDriver({ driver, cluster, site }, read));
  return { site, cluster: await cluster, drivers: await Promise.all(each) };
}

async function gatherCluster(read: Reader): Promise<ClusterFacts> {
  const [csiNodes, nodes, pods, claims, volumes, attachments, workloads] = await Promise.all([
    read(commands.csiNodes()),
    read(commands.nodes()),
    read(commands.pods()),
    read(commands.persistentVolumeClaims()),
    read(templates.driverVolumes()),
    read(volumeAttachments()),
    gatherWorkloads(read),
  ]);
  return { csiNodes, nodes, pods, claims, volumes, attachments, workloads };
}

async function gatherWorkloads(read: Reader): Promise<ClusterFacts['workloads']> {
  const [deployments, statefulSets, daemonSets, cronJobs] = await Promise.all([
    read(commands.deployments()),
    read(commands.statefulSets()),
    read(commands.daemonSets()),
    read(commands.cronJobs()),
  ]);
  return [
    { kind: 'Deployment', list: deployments },
    { kind: 'StatefulSet', list: statefulSets },
    { kind: 'DaemonSet', list: daemonSets },
    { kind: 'CronJob', list: cronJobs },
  ];
}

interface About {
  readonly driver: CsiDriver;
  readonly cluster: Promise<ClusterFacts>;
  readonly site: Site;
}

/** First what the API says, then what only something in it points to. */
async function gatherDriver({ driver, cluster, site }: About, read: Reader): Promise<DriverFacts> {
  const { namespace } = driver;
  const [pods, daemonSets, deployments, limitRanges, events] = await Promise.all([
    read(driverPods.driverPods(namespace)),
    read(templates.driverDaemonSets(namespace)),
    read(templates.driverDeployments(namespace)),
    read(templates.limitRanges(namespace)),
    read(commands.eventsOf(namespace)),
  ]);
  const found = { driver, pods, daemonSets, deployments, limitRanges, events };
  const living = livingPods(pods);
  const ending = containersOf(living, (each) => isEnding(each) || runsAgain(each));
  const running = containersOf(controllerPods(found), ({ name, ready }) => ready && name === driver.main.controller);
  const asked = portNodes(found, await cluster);
  const again = containersOf(living, (each) => runsAgain(each) || (wasKilledForMemory(each) && !isEnding(each)));
  const [endings, controllerLogs, ports] = await Promise.all([
    gatherLogs(ending, 'previous', read),
    gatherLogs(running, 'present', read),
    Promise.all(asked.map((node) => gatherPorts(node, { driver, site }, read))),
  ]);
  const refused = logsOfControllers({ driver, pods, endings, controllerLogs }).filter(
    ({ lines }) => lines.known && refusalIn(lines.value) !== undefined,
  );
  const clocks = await gatherClocks(
    [...again, ...refused].flatMap(({ pod }) => pod.node ?? []),
    site,
    read,
  );
  return { ...found, endings, controllerLogs, ports, clocks };
}

interface OfPod {
  readonly pod: DriverPod;
  readonly container: Container;
}

function containersOf(pods: readonly DriverPod[], isMeant: (container: Container) => boolean): readonly OfPod[] {
  return pods.flatMap((pod) => pod.containers.filter(isMeant).map((container) => ({ pod, container })));
}

function gatherLogs(of: readonly OfPod[], run: 'present' | 'previous', read: Reader): Promise<LogFacts[]> {
  return Promise.all(
    of.map(async ({ pod, container }) => {
      const where = { namespace: pod.namespace, pod: pod.name, container: container.name };
      return { pod, container, lines: await read(driverPods.containerLog(where, run)) };
    }),
  );
}

/** Where its pod does not run as it should and needs ports of the node. */
function portNodes(found: Pick<DriverFacts, 'driver' | 'pods'>, cluster: ClusterFacts): readonly string[] {
  if (found.driver.nodePorts.length === 0) return [];
  const notReady = nodePods(found).flatMap(({ ready, node }) => (ready ? [] : (node ?? [])));
  return [...new Set([...unregisteredNodes(found, cluster), ...notReady])].toSorted();
}

async function gatherPorts(node: string, { driver, site }: Pick<About, 'driver' | 'site'>, read: Reader): Promise<PortFacts> {
  const host = nodeHost(site, node);
  const [listeners, processes] = await Promise.all([read(listenersOf(host)), read(processesOf(host))]);
  const wanted = [...driver.nodePorts, ...driver.controllerPorts];
  const onPorts = listeners.known ? listeners.value.filter(({ port }) => wanted.includes(port)) : [];
  const holders = await Promise.all(
    onPorts.map(async (listener) => ({ ...listener, owner: await read(ownerOfProcess(host, listener.pid)) })),
  );
  return { node, listeners, processes, holders };
}

async function gatherClocks(names: readonly string[], site: Site, read: Reader): Promise<DriverFacts['clocks']> {
  const clocks = [...new Set(names)].map(async (name) => [name, await read(clockOf(nodeHost(site, name)))] as const);
  return Object.fromEntries(await Promise.all(clocks));
}
