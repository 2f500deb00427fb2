import type { Pod, Workload } from '../commands/cluster-objects.ts';
import type { User } from '../commands/workload-volumes.ts';
import type { Known, Seen } from '../core/reading.ts';
import { podsOfClaim } from './claim-users.ts';
import { keeps } from './cluster.ts';
import { isPodOf, nameOf } from './stopped-users.ts';

/** What says who uses a claim. */
export interface ClaimLists {
  readonly users: readonly Seen<readonly User[]>[];
  readonly sets: Seen<readonly Workload[]>;
  readonly pods: Seen<readonly Pod[]>;
  readonly claims: Seen<unknown>;
}

/** Who uses the claim, and everything that says so: all of it was seen. */
export interface Using {
  readonly users: readonly User[];
  /** Those that have not ended. */
  readonly pods: readonly Pod[];
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

export function usingOf(
  { users, sets, pods, claims }: ClaimLists,
  { namespace, claim }: { readonly namespace: string; readonly claim: string },
): Using | undefined {
  const lists = users.filter((each) => each.known);
  if (lists.length < users.length || !sets.known || !pods.known || !claims.known) return undefined;
  const isUser = (user: User) =>
    user.namespace === namespace &&
    (user.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim) ||
      keepsIt(user, sets.value, { namespace, name: claim }));
  return {
    users: lists.flatMap(({ value }) => value).filter(isUser),
    pods: podsOfClaim({ namespace, name: claim }, pods.value),
    seen: [claims, ...lists, pods],
  };
}

/** A StatefulSet whose template made the claim names it nowhere. */
function keepsIt({ kind, name, namespace }: User, sets: readonly Omit<Workload, 'kind'>[], claim: Omit<OwnedClaim, 'owner'>) {
  if (kind !== 'StatefulSet') return false;
  return sets.some((set) => set.name === name && set.namespace === namespace && keeps({ ...set, kind: 'StatefulSet' }, claim));
}

interface OwnedClaim {
  readonly namespace: string;
  readonly name: string;
  readonly owner?: { readonly kind: string; readonly name: string } | undefined;
}

export interface Immovable {
  readonly code: 'operator-owned' | 'cannot-stop' | 'backup-running';
  readonly subject: string;
  readonly why: string;
}

/** Whoever uses the claim and cannot be stopped and started again by the bot. */
export function immovable({ users, pods }: Using, claim: OwnedClaim): readonly Immovable[] {
  const owned = users.flatMap((user): readonly Immovable[] => {
    if (user.owner !== undefined) return [byOperator(nameOf(user), user.owner)];
    if (user.kind !== 'DaemonSet') return [];
    return [{ code: 'cannot-stop', subject: nameOf(user), why: 'it runs on every node and has no number of replicas' }];
  });
  const others = pods.filter(
    (pod) => pod.owner?.kind === 'Job' || !users.some((user) => user.kind !== 'CronJob' && isPodOf(user, pod)),
  );
  const own = claim.owner === undefined ? [] : [byOperator(`${claim.namespace}/${claim.name}`, claim.owner)];
  return [...own, ...owned, ...others.map(ofPod)];
}

function byOperator(subject: string, owner: { readonly kind: string; readonly name: string }): Immovable {
  return { code: 'operator-owned', subject, why: `${owner.kind} ${owner.name} made it and looks after it` };
}

function ofPod({ namespace, name, owner }: Pod): Immovable {
  const subject = `Pod ${namespace}/${name}`;
  if (owner === undefined) return { code: 'cannot-stop', subject, why: 'nothing would start it again' };
  if (owner.kind === 'Job') return { code: 'backup-running', subject, why: `Job ${owner.name} works on it now` };
  if (['ReplicaSet', 'StatefulSet', 'DaemonSet'].includes(owner.kind))
    return { code: 'cannot-stop', subject, why: `${owner.kind} ${owner.name} made it, which no longer names this claim` };
  return byOperator(subject, owner);
}
