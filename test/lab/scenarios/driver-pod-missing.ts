import { replacePod, SERVER_PODS } from './changes.ts';
import { driverPodOf, withoutDriver } from './driver-changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'driver-pod-missing',
  says: 'The NFS driver leaves k8s-node2 out, so that nothing there can mount.',
  prepare: (world) => {
    const { cluster } = world;
    const index = cluster.workloads.findIndex(({ name }) => name === 'csi-nfs-node');
    const workload = cluster.workload('nfs-csi', 'csi-nfs-node');
    cluster.forget(driverPodOf(world, 'k8s-node2'));
    // No pod of it is made again; those that are there stay.
    cluster.workloads[index] = { ...workload, nodes: [] };
    withoutDriver(world, 'k8s-node2');
    replacePod(world, SERVER_PODS);
  },
};
