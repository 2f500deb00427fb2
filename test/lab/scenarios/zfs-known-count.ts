import type { Scenario } from './scenario.ts';
import { damage, deviceOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-known-count',
  says: 'The configuration knows that the pool main has 56 errors, and not which; it has as many.',
  prepare: (world) => {
    damage(world);
    world.nas.zfsBaseline = { main: { errors: 56, checksums: { [deviceOf(world, 2).name]: 112 } } };
  },
};
