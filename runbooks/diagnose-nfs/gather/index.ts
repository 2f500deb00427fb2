import { events, eventsOf } from '../../../src/commands/cluster.ts';
import { ownerMapping } from '../../../src/commands/middleware.ts';
import { directories } from '../../../src/commands/nas.ts';
import { bootDisk, diskBusyPercent, vmStatus } from '../../../src/commands/proxmox-host.ts';
import type { Reader } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import { isAskable } from '../../../src/topology/askable.ts';
import type { Asked } from '../../../src/topology/asked.ts';
import type { ClusterLook } from '../../../src/topology/cluster-look.ts';
import { lookAtCluster } from '../../../src/topology/cluster-look.ts';
import { lookAtNas } from '../../../src/topology/nas-look.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import { isOnNas } from '../../../src/topology/volumes.ts';
import type { Facts, NasFacts, NodeFacts } from '../facts.ts';
import { NOBODY, pathsOf, stuckMounters } from '../facts.ts';
import type { Target } from '../target.ts';
import { targetOf } from '../target.ts';
import { gatherCauses } from './causes.ts';
import { gatherNode } from './node.ts';

/** Looks at cluster, nodes, NAS and hypervisor at once; each chain goes as deep as what it finds asks for. */
export async function gather(asked: Asked, read: Reader, site: Site): Promise<Facts> {
  const nasLook = lookAtNas(site.nas.host, read);
  const vmLook = gatherVm(site, read);
  const look = await lookAtCluster(read);
  const target = targetOf(asked, look, site);
  const service = target.whole;
  const onNas = (service?.volumes ?? []).filter((volume) => isOnNas(volume, site));
  const volumes = onNas.filter(isAskable);
  const server = site.nas.nfsAddresses[0];
  const [happened, nodes, nas, vm] = await Promise.all([
    gatherEvents(target, read),
    gatherNodes(look, { site, server, volumes }, read),
    gatherPaths(nasLook, { site, volumes }, read),
    vmLook,
  ]);
  const cluster = { ...look, events: happened };
  const [mapping, busy, bootDisks, causes] = await Promise.all([
    nas.flavour !== undefined && nas.flavour !== 'debian' && nobodyOwns(nodes) ? read(ownerMapping(site.nas.host)) : undefined,
    gatherDisk(site, nas, read),
    gatherBootDisks(site, nodes, read),
    gatherCauses({ site, server, cluster, target: target.kind, volumes, nodes, nas }, read),
  ]);
  return {
    site,
    server,
    cluster,
    target: target.kind,
    volumes,
    unaskable: onNas.filter((volume) => !isAskable(volume)),
    nodes,
    bootDisks,
    causes,
    nas: { ...nas, ...(mapping && { mapping }) },
    ...(service && { service }),
    ...vm,
    ...(busy && { diskBusyPercent: busy }),
  };
}

/** Of a service its namespaces alone; of more, all in one request instead of one for each namespace. */
async function gatherEvents({ kind, whole: service }: Target, read: Reader): Promise<Facts['cluster']['events']> {
  if (kind !== 'service') return [await read(events())];
  return Promise.all((service?.namespaces ?? []).map((namespace) => read(eventsOf(namespace))));
}

type OnTheNas = { readonly site: Site; readonly server: string; readonly volumes: readonly NfsVolume[] };

async function gatherNodes(look: ClusterLook, on: OnTheNas, read: Reader): Promise<NodeFacts[]> {
  const { nodes } = look;
  if (!nodes.known) return [];
  return Promise.all(nodes.value.map(({ name }) => gatherNode({ name, ...on }, read)));
}

async function gatherPaths(nasLook: Promise<NasFacts>, on: Pick<OnTheNas, 'site' | 'volumes'>, read: Reader): Promise<NasFacts> {
  const [first, ...more] = pathsOf(on);
  if (first === undefined) return nasLook;
  const [nas, found] = await Promise.all([nasLook, read(directories(on.site.nas.host, [first, ...more]))]);
  return { ...nas, directories: found };
}

/** Whether the NAS's machine runs; where it does not, whether it could start. */
async function gatherVm({ hypervisor }: Site, read: Reader): Promise<Pick<Facts, 'nasVm' | 'nasBootDisk'>> {
  if (hypervisor?.nasVmid === undefined) return {};
  const nasVm = await read(vmStatus(hypervisor.host, hypervisor.nasVmid));
  if (!nasVm.known || nasVm.value === 'running') return { nasVm };
  return { nasVm, nasBootDisk: await read(bootDisk(hypervisor.host, hypervisor.nasVmid)) };
}

/** The disk under the NAS: asked only when threads of its server wait for something. */
async function gatherDisk({ hypervisor }: Site, { processes }: NasFacts, read: Reader) {
  const waits = processes?.known && processes.value.some(({ state, program }) => state === 'D' && program.startsWith('nfsd'));
  return waits && hypervisor?.dataDisk !== undefined ? read(diskBusyPercent(hypervisor.host, hypervisor.dataDisk)) : undefined;
}

async function gatherBootDisks({ hypervisor }: Site, nodes: readonly NodeFacts[], read: Reader): Promise<Facts['bootDisks']> {
  const stuck = nodes.filter(({ processes }) => processes.known && stuckMounters(processes.value).length > 0);
  const disks = await Promise.all(
    stuck.map(async ({ name }) => {
      const vmid = hypervisor?.nodeVmids[name];
      return hypervisor === undefined || vmid === undefined ? [] : [[name, await read(bootDisk(hypervisor.host, vmid))] as const];
    }),
  );
  return Object.fromEntries(disks.flat());
}

function nobodyOwns(nodes: readonly NodeFacts[]): boolean {
  return nodes.some(({ probes }) =>
    probes.some(({ answer }) => answer.known && answer.value.state === 'answers' && answer.value.uid === NOBODY),
  );
}
