import { nodes } from '../../src/commands/cluster.ts';
import type { Job } from '../../src/commands/cluster-jobs.ts';
import { jobs } from '../../src/commands/cluster-jobs.ts';
import type { KubeNode } from '../../src/commands/cluster-objects.ts';
import type { Flavour } from '../../src/commands/nas.ts';
import { hasMiddleware, kernelOf } from '../../src/commands/nas.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import { diskBusyPercent } from '../../src/commands/proxmox-host.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import { diskErrors, thinPools } from '../../src/commands/thin-pool.ts';
import type { PoolSpace } from '../../src/commands/zfs-load.ts';
import { poolSpace } from '../../src/commands/zfs-load.ts';
import type { PoolStatus } from '../../src/commands/zfs-status.ts';
import { poolStatuses } from '../../src/commands/zfs-status.ts';
import type { StoredDataset } from '../../src/commands/zfs-stored.ts';
import { storedDatasets } from '../../src/commands/zfs-stored.ts';
import { Refusal } from '../../src/core/errors.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import { flavourOf } from '../../src/topology/nas-look.ts';

export interface Facts {
  readonly site: Site;
  /** Absent: all pools. */
  readonly asked?: string;
  readonly kernel: Seen<'FreeBSD' | 'Linux'>;
  readonly middleware: Seen<boolean>;
  readonly clock: Seen<number>;
  readonly jobs: Seen<readonly Job[]>;
  /** What lies below the NAS; absent where there is no hypervisor. */
  readonly below?: Below;
  /** Absent while the flavour is unknown. */
  readonly zfs?: Zfs;
  /** Of the nodes, which may use volumes; looked at where a pool with volumes has no space. */
  readonly users?: Users;
}

export interface Users {
  readonly nodes: Seen<readonly KubeNode[]>;
  readonly errors: readonly { readonly node: string; readonly seen: Seen<readonly string[]> }[];
}

export interface Zfs {
  readonly flavour: Flavour;
  readonly statuses: Seen<readonly PoolStatus[]>;
  readonly space: Seen<readonly PoolSpace[]>;
  readonly stored: Seen<readonly StoredDataset[]>;
}

export interface Below {
  readonly thinPools: Seen<readonly ThinPool[]>;
  readonly errors: Seen<readonly string[]>;
  /** Absent where the configuration names no disk. */
  readonly busyPercent?: Seen<number>;
}

export interface Params {
  readonly pool?: string | undefined;
}

export async function gather({ pool }: Params, read: Reader, site: Site): Promise<Facts> {
  const { host } = site.nas;
  const [system, clock, running, below] = await Promise.all([
    lookAtZfs(read, site),
    read(clockOf(host)),
    read(jobs()),
    lookBelow(read, site),
  ]);
  const facts = { site, ...system, clock, jobs: running, ...(below && { below }), ...(pool !== undefined && { asked: pool }) };
  requirePool(facts);
  return poolsWithoutSpace(facts).length === 0 ? facts : { ...facts, users: await lookAtUsers(read, site) };
}

async function lookAtUsers(read: Reader, site: Site): Promise<Users> {
  const all = await read(nodes());
  const names = all.known ? all.value.map(({ name }) => name) : [];
  const errors = names.map(async (node) => ({ node, seen: await read(diskErrors(nodeHost(site, node))) }));
  return { nodes: all, errors: await Promise.all(errors) };
}

export interface FullPool {
  readonly name: string;
  /** The block devices in it. */
  readonly volumes: readonly [string, ...string[]];
}

/** Pools with block devices in which nothing can be written: space that ZFS keeps for itself is not available. */
export function poolsWithoutSpace(facts: Pick<Facts, 'zfs' | 'asked'>): readonly FullPool[] {
  const stored = facts.zfs?.stored;
  if (stored?.known !== true) return [];
  const roots = chosen(
    facts,
    stored.value.filter(({ name, availableBytes }) => !name.includes('/') && availableBytes === 0),
  );
  return roots.flatMap(({ name }) => {
    const own = stored.value.filter((each) => each.kind === 'volume' && each.name.startsWith(`${name}/`));
    const volumes = own.map((each) => each.name);
    return isSome(volumes) ? [{ name, volumes }] : [];
  });
}

async function lookAtZfs(read: Reader, { nas: { host } }: Site) {
  const [kernel, middleware] = await Promise.all([read(kernelOf(host)), read(hasMiddleware(host))]);
  const flavour = flavourOf(kernel, middleware);
  if (flavour === undefined) return { kernel, middleware };
  const [statuses, space, stored] = await Promise.all([
    read(poolStatuses(host, flavour)),
    read(poolSpace(host, flavour)),
    read(storedDatasets(host, flavour)),
  ]);
  return { kernel, middleware, zfs: { flavour, statuses, space, stored } };
}

async function lookBelow(read: Reader, { hypervisor }: Site): Promise<Below | undefined> {
  if (hypervisor === undefined) return undefined;
  const { host, dataDisk } = hypervisor;
  const [pools, errors, busyPercent] = await Promise.all([
    read(thinPools(host)),
    read(diskErrors(host)),
    dataDisk === undefined ? undefined : read(diskBusyPercent(host, dataDisk)),
  ]);
  return { thinPools: pools, errors, ...(busyPercent && { busyPercent }) };
}

/** Pools that must be there: TrueNAS mounts a pool at its name below /mnt, and the configuration may name more. */
export function expectedPools({ site: { nas }, zfs }: Pick<Facts, 'site' | 'zfs'>): readonly string[] {
  const mounted = nas.roots.flatMap((root) => /^\/mnt\/([^/]+)/.exec(root)?.[1] ?? []);
  const own = zfs === undefined || zfs.flavour === 'debian' ? [] : mounted;
  return [...new Set([...own, ...Object.keys(nas.zfsBaseline ?? {})])];
}

function requirePool(facts: Facts): void {
  const { asked, zfs } = facts;
  if (asked === undefined || zfs?.statuses.known !== true) return;
  const names = [...zfs.statuses.value.map(({ name }) => name), ...expectedPools(facts)];
  if (names.includes(asked)) return;
  const there = names.length === 0 ? 'there is none' : `there are ${[...new Set(names)].join(', ')}`;
  throw new Refusal('not-found', `The NAS has no pool ${asked}; ${there}.`);
}

/** The pools that were asked for. */
export function chosen<T extends { readonly name: string }>({ asked }: Pick<Facts, 'asked'>, all: readonly T[]): readonly T[] {
  return asked === undefined ? all : all.filter(({ name }) => name === asked);
}
