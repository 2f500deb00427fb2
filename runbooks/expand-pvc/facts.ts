import type { BlockMount, FileSystemUse } from '../../src/commands/block-devices.ts';
import { blockMounts, fileSystemUse } from '../../src/commands/block-devices.ts';
import type { Claim, Expansion, SizedVolume } from '../../src/commands/claims.ts';
import { claims, expansions, sizedVolumes } from '../../src/commands/claims.ts';
import { pods, statefulSets } from '../../src/commands/cluster.ts';
import type { Pod, Workload } from '../../src/commands/cluster-objects.ts';
import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import { thinPools } from '../../src/commands/thin-pool.ts';
import { Refusal } from '../../src/core/errors.ts';
import { bytesOf } from '../../src/core/quantity.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import { groupOf } from '../../src/repairs/thin-pool-state.ts';

export interface Params {
  readonly namespace: string;
  readonly claim: string;
  /** As Kubernetes writes it: `30Gi`. */
  readonly size: string;
}

export interface Facts {
  readonly site: Site;
  /** `namespace/claim` */
  readonly id: string;
  readonly size: string;
  readonly wantedBytes: number;
  readonly claims: Seen<readonly Claim[]>;
  /** Absent while the claims are unknown. */
  readonly claim?: Claim;
  readonly volumes: Seen<readonly SizedVolume[]>;
  readonly volume?: SizedVolume;
  readonly classes: Seen<readonly Expansion[]>;
  readonly sets: Seen<readonly Workload[]>;
  readonly pods: Seen<readonly Pod[]>;
  /** Absent where the site has no hypervisor. */
  readonly below?: Below;
  /** The node that has it mounted. */
  readonly node?: MountedAt;
}

export interface Below {
  readonly pools: Seen<readonly ThinPool[]>;
  readonly volumes: readonly { readonly vg: string; readonly seen: Seen<readonly LogicalVolume[]> }[];
}

export interface MountedAt {
  readonly name: string;
  readonly use: Seen<readonly FileSystemUse[]>;
  readonly mounts: Seen<readonly BlockMount[]>;
}

export async function gather({ namespace, claim: name, size }: Params, read: Reader, site: Site): Promise<Facts> {
  const [all, volumes, classes, sets, running, below] = await Promise.all([
    read(claims()),
    read(sizedVolumes()),
    read(expansions()),
    read(statefulSets()),
    read(pods()),
    lookBelow(read, site),
  ]);
  const claim = all.known ? named(all.value, { namespace, name }) : undefined;
  const volume = volumes.known && claim !== undefined ? volumes.value.find((each) => each.name === claim.volume) : undefined;
  const found = { ...(claim && { claim }), ...(volume && { volume }), ...(below && { below }) };
  const looks = { claims: all, volumes, classes, sets, pods: running };
  const node = running.known && claim !== undefined && volume?.csi !== undefined ? nodeOf(running.value, claim) : undefined;
  const mountedAt = node === undefined ? {} : { node: await lookAtNode(node, read, site) };
  return { site, id: `${namespace}/${name}`, size, wantedBytes: bytesOf(size), ...looks, ...found, ...mountedAt };
}

async function lookBelow(read: Reader, { hypervisor }: Site): Promise<Below | undefined> {
  if (hypervisor === undefined) return undefined;
  const { host } = hypervisor;
  const pools = await read(thinPools(host));
  const names = [...new Set(pools.known ? pools.value.map(groupOf) : [])];
  const volumes = await Promise.all(names.map(async (vg) => ({ vg, seen: await read(logicalVolumes(host, vg)) })));
  return { pools, volumes };
}

/** Rejects with a sentence that says what there is. */
function named(all: readonly Claim[], { namespace, name }: Pick<Claim, 'namespace' | 'name'>): Claim {
  const own = all.filter((each) => each.namespace === namespace);
  const found = own.find((each) => each.name === name);
  if (found !== undefined) return found;
  const there = own.length === 0 ? 'there is no claim in that namespace' : `it has ${own.map((each) => each.name).join(', ')}`;
  throw new Refusal('not-found', `${namespace} has no claim ${name}; ${there}.`);
}

function nodeOf(all: readonly Pod[], { namespace, name }: Claim): string | undefined {
  return all.find(
    (pod) =>
      pod.namespace === namespace &&
      pod.phase === 'Running' &&
      pod.spec.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name),
  )?.node;
}

async function lookAtNode(name: string, read: Reader, site: Site): Promise<MountedAt> {
  const host = nodeHost(site, name);
  const [use, mounts] = await Promise.all([read(fileSystemUse(host)), read(blockMounts(host))]);
  return { name, use, mounts };
}
