import { statefulSets, storageClasses } from '../../src/commands/cluster.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { DEFAULT_MOUNT_OPTIONS, versionIn, withOptions } from '../../src/commands/mount-options.ts';
import type { Mount } from '../../src/commands/nfs-client.ts';
import { mountsOf, testMount } from '../../src/commands/nfs-client.ts';
import { processesOf, stuckMounters } from '../../src/commands/node-system.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import { isAskable } from '../../src/topology/askable.ts';
import type { Cluster } from '../../src/topology/cluster.ts';
import { keeps, made } from '../../src/topology/cluster.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import { resolveService } from '../../src/topology/service.ts';
import type { NfsVolume } from '../../src/topology/volumes.ts';
import { isOnNas, volumesOf } from '../../src/topology/volumes.ts';
import type { Facts, FreshMount, NodeFacts, TunedVolume } from './facts.ts';
import { isActive, isTuned, mountFor, optionsThatAre } from './facts.ts';

export interface Params {
  readonly service: string;
  readonly options: readonly string[];
}

export async function gather({ service: name, options }: Params, read: Reader, site: Site): Promise<Facts> {
  const [look, classes, sets] = await Promise.all([lookAtCluster(read), read(storageClasses()), read(statefulSets())]);
  const { cluster } = look;
  const service = cluster && resolveService(cluster, name);
  const wanted = withOptions(site.nas.mountOptions ?? DEFAULT_MOUNT_OPTIONS, options);
  const own = (service?.volumes ?? []).filter((volume) => isOnNas(volume, site));
  const volumes = cluster === undefined ? [] : own.map((volume) => tuned(volume, { cluster, wanted }));
  const nodes = [...new Set(volumes.flatMap(({ pods }) => pods.flatMap(({ node }) => node ?? [])))].toSorted();
  return {
    site,
    wanted,
    look,
    statefulSets: sets,
    classes,
    volumes,
    nodes:
      cluster === undefined ? [] : await Promise.all(nodes.map((node) => gatherNode(node, { cluster, site, volumes, read }))),
    ...(service && { service }),
  };
}

function tuned(
  volume: NfsVolume,
  { cluster, wanted }: { readonly cluster: Cluster; readonly wanted: readonly string[] },
): TunedVolume {
  const shares = ({ namespace, spec }: Pick<Pod, 'namespace' | 'spec'>) =>
    namespace === volume.namespace && spec.volumes.some((each) => each.persistentVolumeClaim?.claimName === volume.name);
  const className = cluster.volumes.find(({ name }) => name === volume.persistentVolume)?.storageClassName;
  const pods = (volume.backing.inline ? volume.pods : cluster.pods.filter(shares)).filter(isActive);
  const workloads = cluster.workloads.filter((each) => shares(each) || keeps(each, volume));
  return {
    volume,
    target: withOptions(volume.mountOptions, wanted),
    pods,
    idle: workloads.filter((each) => !pods.some((pod) => made(each, pod))),
    ...(className !== undefined && { className }),
  };
}

interface On {
  readonly cluster: Cluster;
  readonly site: Site;
  readonly volumes: readonly TunedVolume[];
  readonly read: Reader;
}

async function gatherNode(name: string, on: On): Promise<NodeFacts> {
  const host = nodeHost(on.site, name);
  const [mounts, processes] = await Promise.all([on.read(mountsOf(host)), on.read(processesOf(host))]);
  const mayTest = mounts.known && processes.known && stuckMounters(processes.value).length === 0;
  const tests = mayTest ? wantedTests(name, on, (pod, volume) => mountFor(mounts.value, pod, volume)) : [];
  const freshMounts = await Promise.all(
    tests.map(async (test): Promise<FreshMount> => {
      return { node: name, ...test, result: await on.read(testMount(host, test.server, test)) };
    }),
  );
  return { name, mounts, processes, freshMounts };
}

type FindMount = (pod: Pod, volume: NfsVolume) => Mount | undefined;

/** All that the successor of a pod with other options than wanted would have to mount, each once. */
function wantedTests(node: string, { cluster, site, volumes }: On, find: FindMount): Omit<FreshMount, 'node' | 'result'>[] {
  const differs = (each: TunedVolume, pod: Pod) => {
    const mount = find(pod, each.volume);
    return !isTuned(each) || (mount !== undefined && optionsThatAre('no', mount, each.target).length > 0);
  };
  const pods = new Set(
    volumes
      .filter(({ volume }) => !volume.backing.inline)
      .flatMap((each) => each.pods.filter((pod) => pod.node === node && differs(each, pod))),
  );
  const needed = volumesOf(cluster, [...pods], [])
    .filter((volume) => isOnNas(volume, site))
    .filter(isAskable);
  const tests = needed.map(({ name, namespace, backing, mountOptions }) => {
    const own = volumes.find(({ volume }) => volume.name === name && volume.namespace === namespace);
    const version = versionIn(own?.target ?? mountOptions);
    return { server: backing.server, path: backing.path, ...(version !== undefined && { version }) };
  });
  return [...new Map(tests.map((test) => [`${test.server}:${test.path}`, test])).values()];
}
