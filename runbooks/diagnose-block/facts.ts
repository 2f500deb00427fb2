import type { FileSystemError, FileSystemUse } from '../../src/commands/block-devices.ts';
import { fileSystemErrors, fileSystemUse } from '../../src/commands/block-devices.ts';
import { csiNodes, events } from '../../src/commands/cluster.ts';
import type { CsiNode, KubeEvent, PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import { thinPools } from '../../src/commands/thin-pool.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import type { Asked } from '../../src/topology/asked.ts';
import type { BlockLook } from '../../src/topology/block-look.ts';
import { lookAtBlock } from '../../src/topology/block-look.ts';
import { podsOfClaim } from '../../src/topology/claim-users.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import type { Scope } from './target.ts';
import { scopeOf } from './target.ts';

export interface FileSystems {
  readonly node: string;
  readonly use: Seen<readonly FileSystemUse[]>;
  readonly errors: Seen<readonly FileSystemError[]>;
}

export interface Facts {
  readonly site: Site;
  readonly look: BlockLook;
  readonly csiNodes: Seen<readonly CsiNode[]>;
  readonly events: Seen<readonly KubeEvent[]>;
  /** Of each node that the scope has. */
  readonly fileSystems: readonly FileSystems[];
  /** Absent where the site names no hypervisor. */
  readonly pools?: Seen<readonly ThinPool[]>;
  /** Seconds since 1970 at the hypervisor when this look was made; read where a second look must come a minute later. */
  readonly clock?: Seen<number>;
  /** Absent where the cluster's lists could not be read. */
  readonly scope?: Scope;
}

export async function gather(asked: Asked, read: Reader, site: Site): Promise<Facts> {
  const [cluster, look, registered, said, pools, clock] = await Promise.all([
    lookAtCluster(read),
    lookAtBlock(read, site),
    read(csiNodes()),
    read(events()),
    site.hypervisor && read(thinPools(site.hypervisor.host)),
    site.hypervisor && read(clockOf(site.hypervisor.host)),
  ]);
  const scope = scopeOf(asked, cluster, look);
  const fileSystems = await Promise.all((scope?.nodes ?? []).map((node) => fileSystemsOf(node, read, site)));
  return {
    site,
    look,
    csiNodes: registered,
    events: said,
    fileSystems,
    ...(pools && { pools }),
    ...(clock && { clock }),
    ...(scope && { scope }),
  };
}

async function fileSystemsOf(node: string, read: Reader, site: Site): Promise<FileSystems> {
  const host = nodeHost(site, node);
  const [use, errors] = await Promise.all([read(fileSystemUse(host)), read(fileSystemErrors(host))]);
  return { node, use, errors };
}

/** The volumes that were asked about. */
export function volumesIn({ look: { volumes }, scope }: Pick<Facts, 'look' | 'scope'>): readonly PersistentVolume[] {
  return volumes.known ? volumes.value.filter(({ name }) => scope?.volumes.includes(name)) : [];
}

/** Neither ended nor being ended. */
export function isActive({ phase, terminatingAt }: Pod): boolean {
  return (phase === 'Running' || phase === 'Pending') && terminatingAt === undefined;
}

/** The pods that have not ended and use this volume through its claim. */
export function podsOf({ pods }: Pick<BlockLook, 'pods'>, { claimRef }: PersistentVolume): readonly Pod[] {
  return pods.known && claimRef !== undefined ? podsOfClaim(claimRef, pods.value) : [];
}

/** Assigned to a node, and its containers were never started. */
export function isWaiting(pod: Pod): boolean {
  return isActive(pod) && pod.phase === 'Pending' && pod.node !== undefined;
}

/** What people call a volume: its claim. */
export function subjectOf({ name, claimRef }: PersistentVolume): string {
  return claimRef === undefined ? name : `${claimRef.namespace}/${claimRef.name}`;
}

/** What was said of this pod, and not of an earlier one of its name. */
export function eventsOfPod({ events: said }: Pick<Facts, 'events'>, { uid }: Pod): readonly KubeEvent[] {
  return said.known ? said.value.filter(({ about }) => about.uid === uid) : [];
}
