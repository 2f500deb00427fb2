import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-machine-floods',
  says: 'A virtual machine that is no node of the cluster fills the disk that the NAS lies on.',
  prepare: (world) => {
    world.load.machines.set(102, { readKBPerS: 2_000, writeKBPerS: 93_000 });
  },
};
