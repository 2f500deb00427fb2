import { driverLost, forgetContainers } from './driver-changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'driver-port-forgotten',
  says: 'Containers of a pod that the API forgot hold the ports of the NFS driver on k8s-node2, whose own pod ends again and again.',
  prepare: (world) => {
    forgetContainers(world, 'k8s-node2');
    driverLost(world, 'k8s-node2');
  },
};
