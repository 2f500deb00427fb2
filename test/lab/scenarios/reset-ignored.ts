import { scenario as wedged } from './client-wedged.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'reset-ignored',
  says: 'The NFS client of k8s-node2 hangs, and qm reset returns 0 and does nothing.',
  prepare: (world) => {
    wedged.prepare(world);
    world.hypervisor.resetWorks = false;
  },
};
