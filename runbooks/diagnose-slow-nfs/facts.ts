import type { Job, Schedule } from '../../src/commands/cluster-jobs.ts';
import type { DiskLoad, Minute, VirtualMachine } from '../../src/commands/host-load.ts';
import type { Flavour } from '../../src/commands/nas.ts';
import type { FileSystemRates } from '../../src/commands/nfs-rates.ts';
import type { Process } from '../../src/commands/node-system.ts';
import type { PodTraffic } from '../../src/commands/pod-traffic.ts';
import type { CacheHits, PoolSpace, PoolTraffic } from '../../src/commands/zfs-load.ts';
import type { PoolStatus } from '../../src/commands/zfs-status.ts';
import type { StoredDataset } from '../../src/commands/zfs-stored.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import type { Service } from '../../src/topology/service.ts';

/** From here on an answer of the server is slow; a healthy one takes less than 5 ms. */
export const SLOW_MS = 20;
/** Share of time from which on a disk is the reason why others wait. */
export const SATURATED_PERCENT = 90;
/** Below this the disk has time for all. */
export const IDLE_PERCENT = 60;
/** What no disk of this kind should be asked for over long: the site's alert has the same. */
export const FLOOD_KB_PER_S = 10_240;
/** Less than this answered from memory is little. */
export const FEW_HITS_PERCENT = 90;
/** Programs that run or wait, from which on the hypervisor has no time for etcd. */
export const DROWNING_LOAD = 38;
export const FULL_PERCENT = 90;
export const FRAGMENTED_PERCENT = 50;
/** With so few threads a Linux server asks the disk for no more than it gives. */
export const FEW_THREADS = 8;

export interface NodeFacts {
  readonly name: string;
  readonly processes: Seen<readonly Process[]>;
  /** Absent where it was not asked, because a process waits in the NFS client: the reader would wait with it. */
  readonly rates?: Seen<readonly FileSystemRates[]>;
  readonly traffic: Seen<readonly PodTraffic[]>;
}

/** Everything but the first two is absent while the flavour is unknown. */
export interface NasFacts {
  readonly kernel: Seen<'FreeBSD' | 'Linux'>;
  readonly middleware: Seen<boolean>;
  readonly flavour?: Flavour;
  readonly processes?: Seen<readonly Process[]>;
  readonly status?: Seen<readonly PoolStatus[]>;
  readonly space?: Seen<readonly PoolSpace[]>;
  readonly traffic?: Seen<readonly PoolTraffic[]>;
  readonly cache?: Seen<CacheHits | undefined>;
  readonly stored?: Seen<readonly StoredDataset[]>;
  /** Linux only. */
  readonly threads?: Seen<number>;
}

export interface MachineFacts {
  readonly machine: VirtualMachine;
  readonly minutes: Seen<readonly Minute[]>;
}

export interface HostFacts {
  readonly processes: Seen<readonly Process[]>;
  readonly load: Seen<number>;
  /** Absent where the site names no disk. */
  readonly disk?: Seen<DiskLoad>;
  readonly list: Seen<readonly VirtualMachine[]>;
  readonly machines: readonly MachineFacts[];
}

export interface Facts {
  readonly site: Site;
  readonly cluster: ClusterLook;
  /** Absent where none was asked for, or the cluster's lists could not be read. */
  readonly service?: Service;
  readonly jobs: Seen<readonly Job[]>;
  readonly schedules: Seen<readonly Schedule[]>;
  /** Of the NAS: what began lately is judged by it. */
  readonly clock: Seen<number>;
  readonly nodes: readonly NodeFacts[];
  readonly nas: NasFacts;
  /** Absent where the site names no hypervisor. */
  readonly host?: HostFacts;
}

/** A kernel thread that looks after a server is named after its address, cut off after 15 letters by older kernels. */
export function managedServer({ program }: Process): string | undefined {
  return /^\[?(\d{1,3}(?:\.\d{1,3}){3})(?:-[manger]*)?\]?$/.exec(program)?.[1];
}

/** Waits in the kernel for an NFS server. */
export function waitsForNfs(process: Process): boolean {
  const { state, program, waitsIn } = process;
  return (
    state === 'D' && (/^_*(rpc|nfs)/.test(waitsIn) || program.startsWith('mount.nfs') || managedServer(process) !== undefined)
  );
}

/** What one node got from the NAS, all its file systems together. */
export interface NodeRates {
  readonly node: string;
  readonly seen: Known<readonly FileSystemRates[]>;
  readonly ops: number;
  readonly kBPerS: number;
  readonly rttMs: number;
  readonly exeMs: number;
  readonly retransPercent: number;
}

/** What the figures of the nodes are taken from. */
export type Measured = Pick<Facts, 'nodes' | 'site'>;

/** The nodes that called the NAS while we looked. */
export function ratesOfNodes({ nodes, site }: Measured): readonly NodeRates[] {
  return nodes.flatMap(({ name, rates }) => {
    if (!rates?.known) return [];
    const own = rates.value.filter(({ server, times }) => site.nas.nfsAddresses.includes(server) && times !== undefined);
    const ops = own.reduce((sum, { opsPerS }) => sum + opsPerS, 0);
    if (ops === 0) return [];
    const mean = (of: (each: FileSystemRates) => number) => own.reduce((sum, each) => sum + of(each) * each.opsPerS, 0) / ops;
    return {
      node: name,
      seen: rates,
      ops,
      kBPerS: own.reduce((sum, each) => sum + each.readKBPerS + each.writeKBPerS, 0),
      rttMs: mean(({ times }) => times?.rttMs ?? 0),
      exeMs: mean(({ times }) => times?.exeMs ?? 0),
      retransPercent: mean(({ retransPercent }) => retransPercent),
    };
  });
}

/** Waiting of less in each second may be one call alone, for which the disk had to turn. */
const LEAST_WAIT_MS_PER_S = 30;

export function isSlow({ ops, rttMs }: NodeRates): boolean {
  return rttMs >= SLOW_MS && ops * rttMs >= LEAST_WAIT_MS_PER_S;
}

const QUEUE_FACTOR = 3;

/** The server answers quickly, and calls wait before they are sent. */
export function isQueueing({ ops, rttMs, exeMs }: NodeRates): boolean {
  const isLong = exeMs >= SLOW_MS && exeMs >= QUEUE_FACTOR * rttMs;
  return rttMs < SLOW_MS && isLong && ops * exeMs >= LEAST_WAIT_MS_PER_S;
}

/** Of fewer calls a second it says nothing that they are quick: memory may answer them all. */
const FEW_CALLS_PER_S = 5;

export function isQuick({ ops, rttMs }: NodeRates): boolean {
  return rttMs < SLOW_MS && ops >= FEW_CALLS_PER_S;
}

/** More sent again than this is loss, where it is not a single call. */
const LOSS_PERCENT = 1;
const LOST_PER_S = 1;

export function isLossy({ ops, retransPercent }: NodeRates): boolean {
  return retransPercent >= LOSS_PERCENT && (ops * retransPercent) / 100 >= LOST_PER_S;
}
