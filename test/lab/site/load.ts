import type { Cluster } from './cluster.ts';
import type { LabNode } from './node.ts';
import type { World } from './world.ts';

/** What somebody reads from and writes to storage. */
export interface Flow {
  readonly readKBPerS: number;
  readonly writeKBPerS: number;
}

/** What the way between a node and the NAS does to calls. */
export interface Way {
  /** How long they wait on the node before they are sent. */
  readonly queueMs?: number;
  readonly retransPercent?: number;
  readonly delayMs?: number;
}

/** What storage has to do beyond the little that it always does, and how it copes. */
export interface Load {
  /** By the pod's uid; a flow ends with its pod. */
  readonly pods: Map<string, Flow>;
  /** By the number of a virtual machine, on disks of its own. */
  readonly machines: Map<number, Flow>;
  /** Machines whose block layer stands still. */
  readonly stalled: Set<number>;
  readonly ways: Map<string, Way>;
  /** What the server needs for a call beside its disk. */
  serverDelayMs: number;
  /** Share of the disk's time that a scrub or a resilver takes. */
  scanPercent: number;
  /** Threads of the NFS server that compute. */
  busyThreads: number;
  cache: { sinceBootPercent: number; nowPercent: number; isFull: boolean };
}

export function newLoad(): Load {
  return {
    pods: new Map(),
    machines: new Map(),
    stalled: new Set(),
    ways: new Map(),
    serverDelayMs: 0,
    scanPercent: 0,
    busyThreads: 0,
    cache: { sinceBootPercent: 97.2, nowPercent: 96.8, isFull: false },
  };
}

type Site = Pick<World, 'nas' | 'hypervisor' | 'load'> & { readonly cluster: Pick<Cluster, 'hasPod'> };

/** So few threads pass on no more than the disk can take. */
const FEW_THREADS = 8;

/** What the pods that are there read and write now, as far as the server's threads pass it on. */
export function flowOf({ load, cluster, nas }: Site, podUid: string): Flow {
  const flow = cluster.hasPod(podUid) ? load.pods.get(podUid) : undefined;
  const { readKBPerS = 0, writeKBPerS = 0 } = flow ?? {};
  const share = nas.threads.total <= FEW_THREADS ? 0.3 : 1;
  return { readKBPerS: readKBPerS * share, writeKBPerS: writeKBPerS * share };
}

export function podFlows(site: Site): Flow {
  return sumOf([...site.load.pods.keys()].map((uid) => flowOf(site, uid)));
}

export function sumOf(flows: readonly Flow[]): Flow {
  const sum = (of: keyof Flow) => flows.reduce((total, flow) => total + flow[of], 0);
  return { readKBPerS: sum('readKBPerS'), writeKBPerS: sum('writeKBPerS') };
}

/** Everything on the disk under the NAS and the machines, beside what is always there. */
export function diskFlow(site: Site): Flow {
  return sumOf([podFlows(site), ...site.load.machines.values()]);
}

const PERCENT_PER_MB = 0.85;

/** Share of time in which the disk under the NAS works. */
export function diskBusy(site: Site): number {
  const { readKBPerS, writeKBPerS } = diskFlow(site);
  const scans = isScanning(site) ? site.load.scanPercent : 0;
  return Math.min(99.4, site.hypervisor.diskBusyPercent + scans + ((readKBPerS + writeKBPerS) / 1000) * PERCENT_PER_MB);
}

/** A scrub or a resilver reads all that the pool holds. */
function isScanning({ nas }: Pick<World, 'nas'>): boolean {
  return nas.pools.some(({ status }) => status?.scan.is === 'running');
}

/** How long a call takes from the node to the server and back. */
export function rttMs(site: Site, node: LabNode): number {
  const busy = diskBusy(site);
  const waiting = busy < 60 ? 0 : (busy - 60) ** 2 / 8;
  return 1.6 + waiting + site.load.serverDelayMs + (site.load.ways.get(node.name)?.delayMs ?? 0);
}

/** Threads of the NFS server that wait for the disk: nearly all, where pods ask it for more than it gives. */
export function stuckThreads(site: Site): number {
  const { readKBPerS, writeKBPerS } = podFlows(site);
  const { total, stuck } = site.nas.threads;
  return diskBusy(site) >= 95 && readKBPerS + writeKBPerS > 10_000 ? Math.max(stuck, total - 2) : stuck;
}

/** The row of the disk in `iostat -x`, where there is more to do than usual. */
export function busyFigures(world: World): readonly number[] | undefined {
  const percent = diskBusy(world);
  if (percent === world.hypervisor.diskBusyPercent) return undefined;
  const { readKBPerS, writeKBPerS } = diskFlow(world);
  const scan = percent - world.hypervisor.diskBusyPercent > 50 && readKBPerS + writeKBPerS === 0 ? 158_720 : 0;
  const [read, written] = [936 + readKBPerS + scan, 468 + writeKBPerS];
  const wait = percent < 90 ? percent / 5 : (percent - 84) * 14;
  const flush = [0, 0, 0, 0, 0, 0, 0.5, 1];
  return [
    read / 110,
    read,
    0,
    0,
    wait,
    110,
    written / 96,
    written,
    0,
    0,
    wait * 1.4,
    96,
    ...flush,
    percent < 90 ? percent / 50 : (percent - 90) * 10.5,
  ];
}
