import { NFS_DRIVER } from '../site/volumes.ts';
import { replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'driver-not-registered',
  says: 'The NFS driver is not registered on k8s-node2, so a new pod there cannot mount.',
  prepare: (world) => {
    const drivers = world.cluster.driversOf('k8s-node2').filter((name) => name !== NFS_DRIVER);
    world.cluster.setDrivers('k8s-node2', drivers);
    replacePod(world, SERVER_PODS);
  },
};
