import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'zfs-thin-pool-fills',
  says: 'The thin pool under the NAS fills up: it has room still.',
  prepare: (world) => {
    Object.assign(world.hypervisor.thinPool, { dataPercent: 83.4 });
  },
};
