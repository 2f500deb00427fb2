import { exportPaths } from '../site/exports.ts';
import { kernelOptions } from '../site/nfs.ts';
import { kernelSays, type LabNode, type PodMount } from '../site/node.ts';
import { kind } from '../site/volumes.ts';
import type { Workload } from '../site/workload.ts';
import { nodeOf, type World } from '../site/world.ts';

/** What scenarios do to the world. */
export const SERVER_PODS = { namespace: 'immich', name: 'immich-server' } as const;
export const LIBRARY = '/mnt/main/immich/library';
export const UPLOAD = '/mnt/main/immich/upload';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

const PODS = kind('v1', 'pods');

export function podOf(world: World, { namespace, name }: Named) {
  const [pod] = world.cluster.podsOf(world.cluster.workload(namespace, name));
  if (pod === undefined) throw new Error(`The lab has no pod of ${namespace}/${name}`);
  return pod;
}

/** Somebody deletes the workload's pod, and time passes: its successor mounts, or does not. */
export function replacePod(world: World, workload: Named, { withinMs = 30_000 } = {}): void {
  const { namespace = '', name, uid } = podOf(world, workload).metadata;
  world.store.delete({ resource: PODS, namespace, name }, { uid, gracePeriodSeconds: 30 });
  world.time.advance(withinMs);
}

/** The mounts of the workload's pod on its node. */
export function mountsOf(world: World, workload: Named): { readonly node: LabNode; readonly mounts: readonly PodMount[] } {
  const pod = podOf(world, workload);
  const node = world.cluster.nodeOf(pod);
  if (node === undefined) throw new Error(`${pod.metadata.name} is on no node`);
  return { node, mounts: node.mounts.filter(({ podUid }) => podUid === pod.metadata.uid) };
}

export function mountOf(world: World, workload: Named, volume: string): PodMount {
  const found = mountsOf(world, workload).mounts.find((mount) => mount.volume === volume);
  if (found === undefined) throw new Error(`${workload.name} does not mount ${volume}`);
  return found;
}

/** Takes the path out of the shares, the script, the file and what is in force. */
export function unexport({ nas }: World, path: string): void {
  exportPaths(
    nas,
    nas.active.map((entry) => entry.path).filter((other) => other !== path),
  );
}

/** Deletes the directory and makes another of the same name. */
export function replaceDirectory({ nas }: World, path: string): void {
  nas.disk.remove(path);
  nas.disk.make(path, { mode: 0o777 });
}

/** The pod's readiness probe has failed. */
export function notReady(world: World, workload: Named): void {
  world.cluster.report(podOf(world, workload), 'not-ready');
}

/** The node's packets to the network of the NAS vanish, and its kernel says so. */
export function cutOff(world: World, name: string, addresses: readonly string[]): void {
  const node = nodeOf(world, name);
  for (const address of addresses) node.cutFrom.add(address);
  silence(world, node);
}

export function silence({ nas, time }: World, node: LabNode): void {
  if (node.mounts.some(({ nfs }) => nfs?.server === nas.address))
    kernelSays(node, time.nowMs, `nfs: server ${nas.address} not responding, timed out`);
}

/** Every client has mounted by another version of NFS than it had. */
export function remountAll({ nodes, nas }: World, version: '3' | '4.2'): void {
  for (const node of nodes.values()) {
    const changed = node.mounts.map((mount) => {
      if (mount.nfs?.server !== nas.address) return mount;
      const asked = ['soft', 'timeo=30', 'retrans=3', 'actimeo=5'];
      return { ...mount, nfs: { ...mount.nfs, version, options: kernelOptions(node, { ...mount.nfs, version }, asked) } };
    });
    node.mounts.splice(0, node.mounts.length, ...changed);
  }
}

/** The workload's program runs as another user from now on. */
export function runAs(world: World, { namespace, name }: Named, user: number): void {
  const workload: { user?: number } & Workload = world.cluster.workload(namespace, name);
  workload.user = user;
  const securityContext = { runAsUser: user, runAsGroup: user };
  world.store.patch(
    { resource: kind('apps/v1', 'deployments'), namespace, name },
    { spec: { template: { spec: { securityContext } } } },
  );
  replacePod(world, { namespace, name });
}
