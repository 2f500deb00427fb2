import type { Scenario } from './scenario.ts';
import { addVolume, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-pool-nearly-full',
  says: 'The pool main is 92 % full, and the other one 79 %.',
  prepare: (world) => {
    addVolume(world);
    poolOf(world).usedPercent = 92;
    poolOf(world, 'ssd').usedPercent = 79;
  },
};
