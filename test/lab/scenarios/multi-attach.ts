import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'multi-attach',
  says: 'A second pod of immich-redis waits on another node for a block volume that the first one holds.',
  prepare: (world) => {
    world.cluster.make(world.cluster.workload('immich', 'immich-redis'), { slot: 0, node: 'k8s-node4' });
    world.time.advance(30_000);
  },
};
