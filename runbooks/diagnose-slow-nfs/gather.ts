import { nodes as listNodes } from '../../src/commands/cluster.ts';
import { jobs, schedules } from '../../src/commands/cluster-jobs.ts';
import * as load from '../../src/commands/host-load.ts';
import { hasMiddleware, kernelOf } from '../../src/commands/nas.ts';
import { mountRates } from '../../src/commands/nfs-rates.ts';
import { nfsdThreads } from '../../src/commands/nfsd-threads.ts';
import { clockOf, processesOf, threadsOf } from '../../src/commands/node-system.ts';
import { podTraffic } from '../../src/commands/pod-traffic.ts';
import * as zfs from '../../src/commands/zfs-load.ts';
import { poolStatuses } from '../../src/commands/zfs-status.ts';
import { storedDatasets } from '../../src/commands/zfs-stored.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import { flavourOf } from '../../src/topology/nas-look.ts';
import { resolveService } from '../../src/topology/service.ts';
import type { Facts, HostFacts, NasFacts, NodeFacts } from './facts.ts';
import { waitsForNfs } from './facts.ts';

export interface Params {
  readonly service?: string | undefined;
}

/** Looks at cluster, nodes, NAS and hypervisor at once, so that all figures are of the same seconds. */
export async function gather({ service: name }: Params, read: Reader, site: Site): Promise<Facts> {
  const [cluster, running, plans, clock, nodes, nas, host] = await Promise.all([
    lookAtCluster(read),
    read(jobs()),
    read(schedules()),
    read(clockOf(site.nas.host)),
    lookAtNodes(site, read),
    lookAtServer(site, read),
    lookAtHost(site, read),
  ]);
  const service = name === undefined || cluster.cluster === undefined ? undefined : resolveService(cluster.cluster, name);
  return {
    site,
    cluster,
    jobs: running,
    schedules: plans,
    clock,
    nodes,
    nas,
    ...(service && { service }),
    ...(host && { host }),
  };
}

async function lookAtNodes(site: Site, read: Reader): Promise<readonly NodeFacts[]> {
  const nodes = await read(listNodes());
  if (!nodes.known) return [];
  return Promise.all(nodes.value.map(({ name }) => lookAtNode(name, site, read)));
}

/** Its statistics only once it is known that nothing waits in its NFS client. */
async function lookAtNode(name: string, site: Site, read: Reader): Promise<NodeFacts> {
  const host = nodeHost(site, name);
  const traffic = read(podTraffic(host));
  const processes = await read(processesOf(host));
  const mayRead = processes.known && !processes.value.some(waitsForNfs);
  const rates = mayRead ? await read(mountRates(host)) : undefined;
  return { name, processes, traffic: await traffic, ...(rates && { rates }) };
}

async function lookAtServer({ nas: { host } }: Site, read: Reader): Promise<NasFacts> {
  const [kernel, middleware] = await Promise.all([read(kernelOf(host)), read(hasMiddleware(host))]);
  const flavour = flavourOf(kernel, middleware);
  if (flavour === undefined) return { kernel, middleware };
  const [processes, status, space, traffic, cache, stored, threads] = await Promise.all([
    read(flavour === 'core' ? threadsOf(host) : processesOf(host)),
    read(poolStatuses(host, flavour)),
    read(zfs.poolSpace(host, flavour)),
    read(zfs.poolTraffic(host, flavour)),
    read(zfs.cacheHits(host, flavour)),
    read(storedDatasets(host, flavour)),
    flavour === 'core' ? undefined : read(nfsdThreads(host)),
  ]);
  return { kernel, middleware, flavour, processes, status, space, traffic, cache, stored, ...(threads && { threads }) };
}

async function lookAtHost({ hypervisor }: Site, read: Reader): Promise<HostFacts | undefined> {
  if (hypervisor === undefined) return undefined;
  const { host, dataDisk } = hypervisor;
  const [processes, average, disk, list] = await Promise.all([
    read(processesOf(host)),
    read(load.loadAverage(host)),
    dataDisk === undefined ? undefined : read(load.diskLoad(host, dataDisk)),
    read(load.virtualMachines(host)),
  ]);
  const running = list.known ? list.value.filter(({ status }) => status === 'running') : [];
  const machines = await Promise.all(
    running.map(async (machine) => ({ machine, minutes: await read(load.vmMinutes(host, machine.vmid)) })),
  );
  return { processes, load: average, list, machines, ...(disk && { disk }) };
}
