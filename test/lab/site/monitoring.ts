import { NAS_ADDRESS } from './addresses.ts';
import { volumeNamed } from './block.ts';
import type { NfsHandle, PodMount } from './node.ts';
import { sizeGiB } from './pools.ts';
import type { Series } from './promql.ts';
import { kind, text } from './volumes.ts';
import type { World } from './world.ts';

/** How a claim came to what it holds: by so much a day, since so long. */
export interface Growth {
  readonly bytesPerDay: number;
  readonly sinceHours: number;
}

/** What the site's Prometheus has, beside what it can see in the world itself. */
export interface Monitoring {
  /** False: nothing answers at its address. */
  up: boolean;
  /** By `namespace/claim`; all others stay as they are. */
  readonly growth: Map<string, Growth>;
  /** `namespace/claim` of which it has no figures, as of a node whose kubelet it cannot reach. */
  readonly unmeasured: Set<string>;
  /** What it warns of with each answer. */
  readonly warnings: string[];
  /** The thin pool as the snapshot job reports it each night; undefined where there is no such job. */
  pool: { percentPerDay: number } | undefined;
  /** The labels of each alert that fires. */
  readonly firing: Record<string, string>[];
  /** How long it has been running. */
  upS: number;
  /** Of the file system that the other NAS exports. */
  otherNasUsedPercent: number;
  /** What it has beside that, as of a pod that ran on another node. */
  readonly more: Series[];
  /** Claims that the site's configuration says are full and may be. */
  readonly knownFull: string[];
}

export function newMonitoring(): Monitoring {
  return {
    up: true,
    growth: new Map(),
    unmeasured: new Set(),
    warnings: [],
    pool: { percentPerDay: 0.05 },
    firing: [],
    upS: 12 * 86_400,
    otherNasUsedPercent: 71,
    more: [],
    knownFull: [],
  };
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const GIB = 2 ** 30;
const VOLUMES = kind('v1', 'persistentvolumes');

/** Everything that this Prometheus has now. */
export function seriesOf(world: World): Series[] {
  const mounted = [...world.nodes.values()].filter(({ isUp }) => isUp);
  const ofClaims = mounted.flatMap((node) => node.mounts.flatMap((mount) => seriesOfMount(world, node.name, mount)));
  return [...ofClaims, ...poolSeries(world), ...ownSeries(world), ...world.monitoring.more];
}

/** What it has of itself. */
function ownSeries({ monitoring: { firing, upS }, time: { nowMs } }: World): Series[] {
  const began = { __name__: 'process_start_time_seconds', instance: 'localhost:9090', job: 'prometheus' };
  const beganS = nowMs / 1_000 - upS;
  return [
    { labels: began, at: () => beganS },
    ...firing.map((labels) => ({ labels: { __name__: 'ALERTS', alertstate: 'firing', ...labels }, at: () => 1 })),
  ];
}

interface Space {
  readonly capacity: number;
  readonly used: number;
  readonly inodes: number;
  readonly inodesUsed: number;
}

function seriesOfMount(world: World, node: string, mount: PodMount): Series[] {
  const volume = world.store.list({ resource: VOLUMES }).find(({ metadata }) => metadata.name === mount.volume);
  const [namespace, claim] = [text(volume, 'spec', 'claimRef', 'namespace'), text(volume, 'spec', 'claimRef', 'name')];
  if (volume === undefined || claim === '') return [];
  if (world.monitoring.unmeasured.has(`${namespace}/${claim}`)) return [];
  const handle = text(volume, 'spec', 'csi', 'volumeHandle');
  const space = mount.nfs === undefined ? blockSpace(world, handle) : nfsSpace(world, mount.nfs);
  if (space === undefined) return [];
  const beganMs = Date.parse(volume.metadata.creationTimestamp);
  const growth = world.monitoring.growth.get(`${namespace}/${claim}`);
  const { nowMs } = world.time;
  const usedAt = (timeMs: number) => Math.max(0, space.used - grownSince(growth, nowMs - timeMs));
  const of = (name: string, at: (timeMs: number) => number): Series => ({
    labels: { __name__: `kubelet_volume_stats_${name}`, namespace, persistentvolumeclaim: claim, node, job: 'kubelet' },
    at: (timeMs) => (timeMs < beganMs ? undefined : at(timeMs)),
  });
  return [
    of('capacity_bytes', () => space.capacity),
    of('available_bytes', (timeMs) => space.capacity - usedAt(timeMs)),
    of('used_bytes', usedAt),
    of('inodes', () => space.inodes),
    of('inodes_used', () => space.inodesUsed),
  ];
}

function grownSince(growth: Growth | undefined, agoMs: number): number {
  return growth === undefined ? 0 : (growth.bytesPerDay * Math.min(agoMs, growth.sinceHours * HOUR_MS)) / DAY_MS;
}

function blockSpace({ hypervisor }: World, handle: string): Space | undefined {
  const { fileSystem } = volumeNamed(hypervisor, handle.slice(handle.lastIndexOf('/') + 1)) ?? {};
  if (fileSystem === undefined) return undefined;
  const inodes = Math.floor(fileSystem.sizeBytes / 16_384);
  const inodesUsed = Math.floor((inodes * fileSystem.inodesUsedPercent) / 100);
  return { capacity: fileSystem.sizeBytes, used: fileSystem.usedBytes, inodes, inodesUsed };
}

/** A client is told the file system of the server, whatever the claim says. */
function nfsSpace({ nas, monitoring }: World, { server, path }: NfsHandle): Space {
  const pool = nas.pools.find(({ name }) => path.startsWith(`/mnt/${name}/`));
  const own = pool === undefined ? { gib: 1_680, percent: 61 } : { gib: sizeGiB(pool), percent: pool.usedPercent };
  const { gib, percent } = server === NAS_ADDRESS ? own : { gib: 5_427, percent: monitoring.otherNasUsedPercent };
  const [capacity, used] = [gib * GIB, Math.floor((gib * GIB * percent) / 100)];
  return { capacity, used, inodes: Math.floor((capacity - used) / 512) + 812_004, inodesUsed: 812_004 };
}

/** The job writes once a night, and Pushgateway shows that until the next. */
function poolSeries({ monitoring: { pool }, hypervisor, time: { nowMs } }: World): Series[] {
  if (pool === undefined) return [];
  const night = (timeMs: number) => Math.floor((timeMs - 3 * HOUR_MS) / DAY_MS) * DAY_MS + 3 * HOUR_MS;
  const freeAt = (timeMs: number) =>
    100 - hypervisor.thinPool.dataPercent + (pool.percentPerDay * (night(nowMs) - night(timeMs))) / DAY_MS;
  const labels = { __name__: 'lvm_snapshot_thinpool_free_pct', job: 'lvm-pvc-snapshot', instance: 'pushgateway' };
  return [{ labels, at: (timeMs) => Math.max(0, Math.min(100, freeAt(timeMs))) }];
}
