import { nodeOf } from '../site/world.ts';
import { driverLost } from './driver-changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'driver-port-taken',
  says: "A controller of the NFS driver runs on k8s-node2 since an upgrade of its chart, and holds a port of that node's own driver.",
  prepare: (world) => {
    const controller = world.cluster.make(world.cluster.workload('nfs-csi', 'csi-nfs-controller'), {
      slot: 0,
      node: 'k8s-node2',
    });
    world.time.advance(30_000);
    const { uid: podUid } = controller.metadata;
    nodeOf(world, 'k8s-node2').listeners.push({ port: 29_653, pid: 2207, program: 'livenessprobe', podUid });
    driverLost(world, 'k8s-node2');
  },
};
