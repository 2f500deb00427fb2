import type { Pod } from '../commands/cluster-objects.ts';
import type { SqliteSite } from '../core/databases.ts';
import { Refusal } from '../core/errors.ts';
import type { Evidence } from '../core/finding.ts';
import type { Known, Reader } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';
import { podsOfClaim, usesClaim } from './claim-users.ts';
import type { Cluster, Workload } from './cluster.ts';
import { made } from './cluster.ts';
import type { ClusterLook } from './cluster-look.ts';
import { lookAtCluster } from './cluster-look.ts';
import { nearest, orphansOf } from './service.ts';
import { lookInside, type SqliteInside, type SqlitePlace } from './sqlite-inside.ts';
import type { ServiceVolume } from './volumes.ts';
import { claimed, isNfs, isOnNas } from './volumes.ts';

/** An application with its data in one SQLite file, as the cluster has it now. */
export interface SqliteLook {
  readonly service: string;
  readonly sqlite: SqliteSite;
  readonly cluster: ClusterLook;
  /** Absent where the cluster could not be seen as a whole. */
  readonly backing?: SqliteBacking;
  /** Absent where the volume is mounted nowhere that can be looked at. */
  readonly place?: SqlitePlace;
  readonly inside?: SqliteInside;
}

/** What the template of its pods says the database is on, whatever else has a name like it. */
export type SqliteBacking =
  | { readonly found: false; readonly says: string }
  | {
      readonly found: true;
      readonly workload: Workload;
      readonly volume: ServiceVolume;
      /** Living pods that have the claim; those of the workload first. */
      readonly pods: readonly Pod[];
      /** Claims of the namespace that nobody mounts: easily taken for the real one. */
      readonly leftovers: readonly ServiceVolume[];
    };

/** What stands in the same place of other requests. */
const OTHERS = ['postgres', 'mysql', 'redis', 'pvc', 'files', 'backups'] as const;

/** What the configuration says of a service. */
export function sqliteSiteOf({ databases }: Site, service: string): SqliteSite {
  const all = databases?.sqlite ?? {};
  const found = Object.hasOwn(all, service) ? all[service] : undefined;
  if (found !== undefined) return found;
  const near = nearest(service, [...Object.keys(all), ...OTHERS]);
  const offer = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;
  const known = Object.keys(all).join(', ') || 'none';
  throw new Refusal(
    'not-found',
    `The configuration has no SQLite database ${service}: site.databases.sqlite has ${known}.${offer}`,
  );
}

/** Where the database of a service is, what lies beside it, and how it is. */
export async function lookAtSqlite(read: Reader, site: Site, service: string): Promise<SqliteLook> {
  const sqlite = sqliteSiteOf(site, service);
  const cluster = await lookAtCluster(read);
  const look = { service, sqlite, cluster };
  if (cluster.cluster === undefined) return look;
  const backing = backingOfSqlite(cluster.cluster, sqlite);
  const place = backing.found ? placeOf(backing, sqlite, { site, nodes: cluster.nodes }) : undefined;
  if (!backing.found || place === undefined) return { ...look, backing };
  return {
    ...look,
    backing,
    place,
    inside: await lookInside(read, place, { isOnNfs: isNfs(backing.volume), tables: sqlite.tables }),
  };
}

type Found = Extract<SqliteBacking, { found: true }>;

export function backingOfSqlite(cluster: Cluster, { namespace, workload: name, volume: volumeName }: SqliteSite): SqliteBacking {
  const workload = cluster.workloads.find(
    (each) => each.namespace === namespace && each.name === name && (each.kind === 'Deployment' || each.kind === 'StatefulSet'),
  );
  if (workload === undefined) return { found: false, says: `there is no Deployment or StatefulSet ${namespace}/${name}` };
  const claim = claimNamed(workload, volumeName);
  if (claim === undefined) {
    const says = `the pods of ${workload.kind} ${namespace}/${name} have no volume ${volumeName} that is a claim`;
    return { found: false, says };
  }
  const volume = claimed(cluster, namespace, claim);
  if (volume.persistentVolume === undefined) return { found: false, says: `the claim ${namespace}/${claim} has no volume` };
  const pods = podsOfClaim({ namespace, name: claim }, cluster.pods);
  const own = pods.filter((pod) => made(workload, pod));
  const leftovers = orphansOf(cluster, [namespace]).filter((each) => each.name !== claim);
  const users = cluster.workloads.filter((each) => usesClaim(each, { namespace, name: claim }));
  return {
    found: true,
    workload,
    volume: { ...volume, pods, workloads: users },
    pods: [...own, ...pods.filter((pod) => !own.includes(pod))],
    leftovers,
  };
}

/** A StatefulSet has its claims by the name of their template; of several pods the first one's. */
function claimNamed({ kind, name, spec, claimTemplates }: Workload, volumeName: string): string | undefined {
  if (kind === 'StatefulSet' && claimTemplates.includes(volumeName)) return `${volumeName}-${name}-0`;
  return spec.volumes.find((volume) => volume.name === volumeName)?.persistentVolumeClaim?.claimName;
}

interface Around {
  readonly site: Site;
  readonly nodes: ClusterLook['nodes'];
}

/**
 * Where kubelet has mounted it for a pod that runs; a pod without one still waits for it. Of a node that does not report, the
 * phase of its pods is the last that it told: one that reports comes first. Without one the look still goes to the node, which may answer all the same, and not to the
 * NAS: nobody knows what the node has not written there yet, and half of a transaction looks like damage.
 */
function placeOf(found: Found, { file }: SqliteSite, { site, nodes }: Around): SqlitePlace | undefined {
  const { pods, volume } = found;
  const { backing, persistentVolume } = volume;
  const running = pods.filter((pod) => pod.node !== undefined && (pod.phase === 'Running' || isSilent(pod, nodes)));
  const left = (each: Pod) => Number(isSilent(each, nodes)) + Number(each.terminatingAt !== undefined);
  const [pod] = running.toSorted((a, b) => left(a) - left(b));
  if (pod?.node !== undefined && persistentVolume !== undefined) {
    const isInTree = backing.kind === 'nfs' && backing.driver === undefined;
    const below = isInTree ? `kubernetes.io~nfs/${persistentVolume}` : `kubernetes.io~csi/${persistentVolume}/mount`;
    const directory = `/var/lib/kubelet/pods/${pod.uid}/volumes/${below}`;
    return { host: nodeHost(site, pod.node), directory, path: `${directory}/${file}`, pod };
  }
  if (!isOnNas(volume, site)) return undefined;
  const { path: directory } = volume.backing;
  return { host: site.nas.host, directory, path: `${directory}/${file}` };
}

/** Whether its node does not report to the cluster. */
export function isSilent({ node }: Pod, nodes: ClusterLook['nodes']): boolean {
  return nodes.known && nodes.value.some(({ name, ready }) => name === node && !ready);
}

/** Where a pod runs and its volume is not mounted, what lies there is not the volume. */
export function notMounted({ inside, place, service }: SqliteLook): Evidence[] {
  const mount = inside?.mount;
  if (mount?.known !== true || mount.value.mounted || place === undefined) return [];
  const says = `The volume of ${service} is not mounted at ${place.directory} on ${place.host.name}, though its pod runs there: its database could not be looked at. \`/storage diagnose nfs ${service}\` or \`/storage diagnose block\` says why`;
  return [{ status: 'unknown', says, seen: [mount] }];
}

/** The lists that say where the database is: pods, claims, volumes and workloads of its kinds. */
export function provesBacking({ cluster: { lists } }: SqliteLook): readonly Known<unknown>[] {
  return lists.slice(0, WORKLOADS_END).filter((seen) => seen.known);
}

/** Of the lists of `lookAtCluster`, behind the Deployments and StatefulSets. */
const WORKLOADS_END = 5;
