import type { Pod } from '../commands/cluster-objects.ts';
import type { User } from '../commands/workload-volumes.ts';
import type { Workload } from './cluster.ts';
import { keeps } from './cluster.ts';
import { isLiving } from './stopped-users.ts';

export interface Claim {
  readonly namespace: string;
  readonly name: string;
}

/** Its template names the claim, or it is a StatefulSet that made it; it need not run now. */
export function usesClaim(workload: Workload, claim: Claim): boolean {
  const isNamed = workload.namespace === claim.namespace && names(workload.spec.volumes, claim);
  return isNamed || keeps(workload, claim);
}

export function usersOfClaim(claim: Claim, users: readonly User[], workloads: readonly Workload[]): readonly User[] {
  const using = workloads.filter((workload) => usesClaim(workload, claim));
  return users.filter(({ kind, namespace, name }) =>
    using.some((each) => each.kind === kind && each.namespace === namespace && each.name === name),
  );
}

/** Pods that have not ended and name the claim. */
export function podsOfClaim(claim: Claim, pods: readonly Pod[]): readonly Pod[] {
  return pods.filter((pod) => pod.namespace === claim.namespace && isLiving(pod) && names(pod.spec.volumes, claim));
}

function names(
  volumes: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } | undefined }[],
  { name }: Claim,
): boolean {
  return volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name);
}
