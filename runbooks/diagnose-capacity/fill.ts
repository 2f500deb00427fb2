import type { Known } from '../../src/core/reading.ts';
import type { Facts, LookedAtNode } from './facts.ts';
import { isAsked, serverOf, volumeOf } from './facts.ts';

/** How full the file system of a claim is, and what says so. */
export interface Fill {
  readonly namespace: string;
  readonly name: string;
  readonly usedPercent: number;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly inodesPercent?: number;
  /** Whose file system it is, where it is on NFS. */
  readonly server?: string;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

export function idOf({ namespace, name }: Pick<Fill, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

const FULL_PERCENT = 95;

export function isFull({ usedPercent }: Fill): boolean {
  return usedPercent > FULL_PERCENT;
}

export function lacksInodes({ inodesPercent = 0 }: Fill): boolean {
  return inodesPercent > FULL_PERCENT;
}

/** Of all claims that were asked about and that something measures: Prometheus first, else the node that has it mounted. */
export function fillsOf(facts: Facts): readonly Fill[] {
  const all = [...facts.nodes.flatMap((node) => fromNode(facts, node)), ...fromPrometheus(facts)];
  // The last one of a name counts; a claim may be mounted by several pods.
  const fills = [...new Map(all.map((fill) => [idOf(fill), fill])).entries()];
  return fills.toSorted(([a, x], [b, y]) => y.usedPercent - x.usedPercent || (a < b ? -1 : 1)).map(([, fill]) => fill);
}

function fromPrometheus({ asked, volumes, measured: { now } }: Facts): Fill[] {
  if (!now.known || !volumes.known) return [];
  return now.value.flatMap((usage) => {
    const { namespace, claim: name, capacityBytes, availableBytes, inodes, inodesUsed } = usage;
    const volume = volumeOf(volumes.value, { namespace, name });
    if (volume === undefined || !isAsked(asked, { namespace, name })) return [];
    const server = serverOf(volume);
    return [
      {
        namespace,
        name,
        usedPercent: percentOf(capacityBytes - availableBytes, capacityBytes),
        sizeBytes: capacityBytes,
        freeBytes: availableBytes,
        ...(inodes !== undefined && inodesUsed !== undefined && { inodesPercent: percentOf(inodesUsed, inodes) }),
        ...(server !== undefined && { server }),
        seen: [now, volumes] as const,
      },
    ];
  });
}

/** The table of mounts says which disk is which volume; df names each disk once, by whichever of its mounts. */
function fromNode({ asked, volumes }: Facts, { use, mounts }: LookedAtNode): Fill[] {
  if (!use.known || !mounts.known || !volumes.known) return [];
  return mounts.value.flatMap(({ mountPoint, number }) => {
    const persistent = volumes.value.find(({ name }) => mountPoint.endsWith(`/volumes/kubernetes.io~csi/${name}/mount`));
    if (persistent?.claimRef === undefined) return [];
    const { namespace, name } = persistent.claimRef;
    const points = mounts.value.filter((each) => each.number === number).map((each) => each.mountPoint);
    const found = use.value.find((each) => points.includes(each.mountPoint));
    if (found === undefined || !isAsked(asked, { namespace, name })) return [];
    const { sizeBytes, availableBytes, inodes, inodesUsed } = found;
    return [
      {
        namespace,
        name,
        usedPercent: percentOf(sizeBytes - availableBytes, sizeBytes),
        sizeBytes,
        freeBytes: availableBytes,
        ...(inodes > 0 && { inodesPercent: percentOf(inodesUsed, inodes) }),
        seen: [use, mounts, volumes] as const,
      },
    ];
  });
}

/** Rounded to tenths. */
function percentOf(part: number, whole: number): number {
  return Math.round((part / whole) * 1_000) / 10;
}
