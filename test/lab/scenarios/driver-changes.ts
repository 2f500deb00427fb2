import { uidOf } from '../site/ids.ts';
import { isNfsDriver } from '../site/port-holders.ts';
import { kind, NFS_DRIVER } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import { replacePod, SERVER_PODS } from './changes.ts';

const PODS = kind('v1', 'pods');

export function driverPodOf(world: World, node: string) {
  const pod = world.cluster.pods().find((each) => isNfsDriver(each) && world.cluster.nodeOf(each)?.name === node);
  if (pod === undefined) throw new Error(`${node} has no pod of the driver`);
  return pod;
}

/** Two containers of a pod that is gone from the API run on, and hold the ports that the driver needs. */
export function forgetContainers(world: World, name: string): void {
  const node = nodeOf(world, name);
  const podUid = uidOf('pod/forgotten');
  const left = [
    { port: 29_653, pid: 1816, program: 'livenessprobe' },
    { port: 19_809, pid: 1944, program: 'csi-node-driver' },
  ];
  const beganMs = world.time.nowMs - 86_400_000;
  for (const { port, pid, program } of left) {
    node.listeners.push({ port, pid, program, podUid });
    node.processes.push({ state: 'S', pid, beganMs, waitsIn: 'futex_wait_queue', program });
  }
}

/** The driver's pod is made anew and comes up as it can; a pod of immich waits for it. */
export function driverLost(world: World, name: string): void {
  withoutDriver(world, name);
  const { namespace = '', name: podName, uid } = driverPodOf(world, name).metadata;
  world.store.delete({ resource: PODS, namespace, name: podName }, { uid, gracePeriodSeconds: 30 });
  world.time.advance(30_000);
  replacePod(world, SERVER_PODS);
}

export function withoutDriver({ cluster }: World, name: string): void {
  cluster.setDrivers(
    name,
    cluster.driversOf(name).filter((driver) => driver !== NFS_DRIVER),
  );
}
