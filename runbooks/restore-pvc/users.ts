import type { PersistentVolumeClaim, Pod, Workload } from '../../src/commands/cluster-objects.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import { keeps } from '../../src/topology/cluster.ts';
import { isLiving, isPodOf, nameOf } from '../../src/topology/stopped-users.ts';
import type { ClusterFacts, Params } from './facts.ts';

/** Who uses the claim, and everything that says so: all of it was seen. */
export interface Using {
  readonly users: readonly User[];
  /** Those that have not ended. */
  readonly pods: readonly Pod[];
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

export function usingOf({ users, sets, pods, claims }: ClusterFacts, { namespace, claim }: Params): Using | undefined {
  const lists = users.filter((each) => each.known);
  if (lists.length < users.length || !sets.known || !pods.known || !claims.known) return undefined;
  const mounts = (volumes: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } | undefined }[]) =>
    volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim);
  const isUser = (user: User) =>
    user.namespace === namespace && (mounts(user.volumes) || keepsIt(user, sets.value, { namespace, name: claim }));
  return {
    users: lists.flatMap(({ value }) => value).filter(isUser),
    pods: pods.value.filter((pod) => pod.namespace === namespace && isLiving(pod) && mounts(pod.spec.volumes)),
    seen: [claims, ...lists, pods],
  };
}

/** A StatefulSet whose template made the claim names it nowhere. */
function keepsIt(
  { kind, name, namespace }: User,
  sets: readonly Omit<Workload, 'kind'>[],
  claim: Pick<PersistentVolumeClaim, 'namespace' | 'name'>,
) {
  if (kind !== 'StatefulSet') return false;
  return sets.some((set) => set.name === name && set.namespace === namespace && keeps({ ...set, kind: 'StatefulSet' }, claim));
}

export function looksOf({ users, sets, pods, claims, volumes, attachments }: ClusterFacts): readonly Seen<unknown>[] {
  return [claims, volumes, ...users, sets, pods, attachments];
}

export interface Immovable {
  readonly code: 'operator-owned' | 'cannot-stop' | 'backup-running';
  readonly subject: string;
  readonly why: string;
}

/** Whoever uses the claim and cannot be stopped and started again by the bot. */
export function immovable({ users, pods }: Using, claim: PersistentVolumeClaim): readonly Immovable[] {
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
