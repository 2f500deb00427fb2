import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../src/commands/cluster-objects.ts';
import type { User, WholePersistentVolume, WholeVolume } from '../../src/commands/workload-volumes.ts';
import { isAtOrBelow, withoutSlash } from '../../src/core/path.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { made } from '../../src/topology/cluster.ts';
import { nfsReachOf, shareOf } from '../../src/topology/volumes.ts';
import type { ClusterFacts } from './facts.ts';

/** What the cluster says of who uses what: all of it was seen. */
export interface Cluster {
  readonly users: readonly User[];
  readonly pods: readonly Pod[];
  readonly volumes: readonly PersistentVolume[];
  readonly whole: readonly WholePersistentVolume[];
  readonly claims: readonly Pick<PersistentVolumeClaim, 'namespace' | 'name' | 'phase' | 'volume'>[];
  readonly proofs: readonly Known<unknown>[];
}

/** Undefined where something could not be seen. */
export function clusterOf({ users, pods, volumes, whole, claims }: ClusterFacts): Cluster | undefined {
  const lists = users.filter((each) => each.known);
  if (lists.length < users.length || !pods.known || !volumes.known || !whole.known || !claims.known) return undefined;
  return {
    users: lists.flatMap(({ value }) => value),
    pods: pods.value,
    volumes: volumes.value,
    whole: whole.value,
    claims: claims.value,
    proofs: [...lists, pods, volumes, claims],
  };
}

export function looksOf({ users, pods, volumes, whole, claims }: ClusterFacts): readonly Seen<unknown>[] {
  return [...users, pods, volumes, whole, claims];
}

interface Mounted {
  readonly server: string;
  readonly path: string;
  /** The claim that it goes through, unless the pod itself names the path. */
  readonly claim?: string;
  readonly volume?: PersistentVolume;
  /** The driver makes it for each pod, without a claim. */
  readonly isOfDriver?: true;
}

type Volumes = readonly Pick<WholeVolume, 'persistentVolumeClaim' | 'nfs' | 'csi'>[];

/** Where on NFS these volumes of a pod or template lie. */
export function mountedBy(namespace: string, volumes: Volumes, all: readonly PersistentVolume[]): readonly Mounted[] {
  return volumes.flatMap(({ nfs, csi, persistentVolumeClaim }): readonly Mounted[] => {
    if (nfs !== undefined) return [{ server: nfs.server, path: withoutSlash(nfs.path) }];
    const share = shareOf(csi?.volumeAttributes);
    if (share !== undefined) return [{ ...share, isOfDriver: true }];
    const claim = persistentVolumeClaim?.claimName;
    // A volume that was released keeps the name of the claim that it had.
    const named = all.filter(({ claimRef }) => claimRef?.namespace === namespace && claimRef.name === claim);
    const volume = named.find(({ phase }) => phase === 'Bound') ?? named[0];
    const reach = volume === undefined ? undefined : nfsReachOf(volume);
    return claim === undefined || volume === undefined || reach === undefined ? [] : [{ ...reach, claim, volume }];
  });
}

/** Everybody whose template names the path, or one below or above it. */
export function usersOn(path: string, { users, volumes }: Pick<Cluster, 'users' | 'volumes'>): readonly User[] {
  return users.filter((user) => mountedBy(user.namespace, user.volumes, volumes).some((each) => touches(each.path, path)));
}

function touches(one: string, other: string): boolean {
  return isAtOrBelow(one, other) || isAtOrBelow(other, one);
}

/** Whether this workload made the pod. */
export function isOf({ kind, namespace, name }: Pick<User, 'kind' | 'namespace' | 'name'>, pod: Pod): boolean {
  return made({ kind, namespace, name, spec: { volumes: [], containers: [] }, claimTemplates: [] }, pod);
}

export function isAlive({ phase }: Pod): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed';
}

export function nameOf({ kind, namespace, name }: Pick<User, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace}/${name}`;
}

export interface Immovable {
  readonly subject: string;
  readonly why: string;
}

/** Users of the path whom the bot cannot stop, move and start again, each with the reason. */
export function immovable(path: string, cluster: Cluster, { nas }: Site): readonly Immovable[] {
  const { users, pods, volumes } = cluster;
  const on = usersOn(path, cluster);
  const ofUsers = on.flatMap((user): readonly Immovable[] => {
    const why = whyNot(user, cluster) ?? whyNotThere(mountedBy(user.namespace, user.volumes, volumes), path, nas.nfsAddresses);
    return why === undefined ? [] : [{ subject: nameOf(user), why }];
  });
  const using = pods.filter(isAlive).filter((pod) => {
    return mountedBy(pod.namespace, pod.spec.volumes, volumes).some((each) => touches(each.path, path));
  });
  const others = using.filter((pod) => !on.some((user) => isOf(user, pod)));
  return [...ofUsers, ...others.map((pod) => ({ subject: `Pod ${pod.namespace}/${pod.name}`, why: whyNotPod(pod, users) }))];
}

function whyNot(user: User, { pods }: Cluster): string | undefined {
  if (user.kind === 'DaemonSet') return 'it runs on every node and has no number of replicas';
  if (user.owner !== undefined) return `${user.owner.kind} ${user.owner.name} made it, and would undo what the bot changes`;
  if (user.kind === 'CronJob' && pods.some((pod) => isAlive(pod) && isOf(user, pod)))
    return 'it is running now: wait for its end';
  return undefined;
}

function whyNotThere(mounted: readonly Mounted[], path: string, servers: readonly string[]): string | undefined {
  const here = mounted.filter((each) => touches(each.path, path));
  const elsewhere = here.find((each) => each.path !== path);
  if (elsewhere !== undefined) return `it mounts ${elsewhere.path}, and not the dataset itself`;
  const other = here.find(({ server }) => !servers.includes(server));
  if (other !== undefined) return `it mounts that path of ${other.server}, which may be this server under another name`;
  if (here.some(({ isOfDriver }) => isOfDriver)) return 'its driver makes the volume for each pod, without a claim';
  const inside = here.find(({ volume }) => Object.keys(volume?.csi?.volumeAttributes ?? {}).some((key) => /^subdir$/i.test(key)));
  return inside === undefined ? undefined : 'its volume names a directory in a share';
}

function whyNotPod({ owner }: Pod, users: readonly User[]): string {
  if (owner === undefined) return 'nothing would start it again';
  const known = users.some(({ name }) => owner.name === name || owner.name.startsWith(`${name}-`));
  if (owner.kind === 'StatefulSet' && known) return 'its claim comes from a template of its StatefulSet, which cannot be changed';
  return `${owner.kind} ${owner.name} made it, which the bot does not stop`;
}
