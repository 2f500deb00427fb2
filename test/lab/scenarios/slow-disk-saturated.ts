import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-disk-saturated',
  says: 'The disk under the NAS is fully busy, and nobody who can be seen does it.',
  prepare: (world) => {
    world.hypervisor.diskBusyPercent = 98.7;
  },
};
