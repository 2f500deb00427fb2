import type { Claim } from '../commands/claims.ts';
import type { PersistentVolume, Pod } from '../commands/cluster-objects.ts';
import type { PostgresSite } from '../core/databases.ts';
import { CLUSTER_LABEL } from './postgres-look.ts';
import { isLiving } from './stopped-users.ts';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** As CloudNativePG names the claims of a cluster: `pg-cluster-1`, `pg-cluster-1-wal`, `pg-cluster-1-tbs-…`. Those of a cluster `pg-cluster-1` have one number more. */
function isNamedAfter({ namespace, cluster }: PostgresSite, claim: Named): boolean {
  const rest = claim.name.startsWith(`${cluster}-`) ? claim.name.slice(cluster.length + 1) : '';
  return claim.namespace === namespace && /^\d+(-wal|-tbs-.+)?$/.test(rest);
}

export function isClaimOf(postgres: PostgresSite, claim: Claim): boolean {
  const isLabelled = claim.namespace === postgres.namespace && claim.labels[CLUSTER_LABEL] === postgres.cluster;
  return isLabelled || isNamedAfter(postgres, claim) || isOwnedBy(postgres, claim);
}

/** What its object owns goes with it, whatever it is called and labelled. */
function isOwnedBy({ namespace, cluster }: PostgresSite, object: Pick<Pod, 'namespace' | 'owner'>): boolean {
  return object.namespace === namespace && object.owner?.kind === 'Cluster' && object.owner.name === cluster;
}

/** Whether it belongs to a claim of the cluster, or did: a released volume still names the claim that it had. */
export function isVolumeOf(postgres: PostgresSite, { claimRef }: Pick<PersistentVolume, 'claimRef'>): boolean {
  return claimRef !== undefined && isNamedAfter(postgres, claimRef);
}

/** Instances, and pods of the Jobs that make and join them. */
export function isPodOfCluster(postgres: PostgresSite, pod: Pod): boolean {
  const isLabelled = pod.namespace === postgres.namespace && pod.labels[CLUSTER_LABEL] === postgres.cluster;
  return (isLabelled || isNamedAfter(postgres, pod) || isOwnedBy(postgres, pod)) && isLiving(pod);
}
