import type { PersistentVolume } from '../../src/commands/cluster-objects.ts';
import { isVolumeOf } from '../../src/topology/postgres-volumes.ts';
import type { Facts } from './facts.ts';

/** All volumes that belong to the cluster, or did, in the order of their names. */
export function ownVolumes({ postgres }: Pick<Facts, 'postgres'>, all: readonly PersistentVolume[]): readonly PersistentVolume[] {
  return all.filter((volume) => isVolumeOf(postgres, volume)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Its data stay whatever becomes of the cluster, and nobody uses them. */
export function isKept({ phase, reclaimPolicy }: PersistentVolume): boolean {
  return phase === 'Released' && reclaimPolicy === 'Retain';
}

/**
 * Free for any claim, and of a kind that the cluster has: a claim of a new one would get such a volume before one is made for it, and
 * CloudNativePG clears what its server cannot read there.
 */
export function freeForAny(facts: Pick<Facts, 'postgres'>, all: readonly PersistentVolume[]): readonly PersistentVolume[] {
  const own = ownVolumes(facts, all);
  return all.filter(
    ({ claimRef, storageClassName, csi }) =>
      claimRef === undefined &&
      own.some((each) => each.storageClassName === storageClassName || (csi && each.csi?.driver === csi.driver)),
  );
}

/** Of a cluster that had this name before the one that is there now. */
export function formerVolumes(
  facts: Pick<Facts, 'postgres' | 'look'>,
  all: readonly PersistentVolume[],
): readonly PersistentVolume[] {
  const since = facts.look.cluster?.createdAt;
  if (since === undefined) return [];
  return ownVolumes(facts, all).filter((volume) => isKept(volume) && volume.createdAt !== undefined && volume.createdAt < since);
}

/** `pvc-1 (of pg-cluster-1), pvc-2 (of pg-cluster-2)` */
export function listed(volumes: readonly PersistentVolume[]): string {
  return volumes.map(({ name, claimRef }) => `${name} (of ${claimRef?.name ?? 'no claim'})`).join(', ');
}
