import type { Scenario } from './scenario.ts';
import { DAY_MS, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-scrub-old',
  says: 'The last scrub of the pool main was 36 days ago, that of the other pool 35.',
  prepare: (world) => {
    const { nowMs } = world.time;
    poolOf(world).status.scan = { is: 'finished', atMs: nowMs - 36 * DAY_MS, errors: 0 };
    poolOf(world, 'ssd').status.scan = { is: 'finished', atMs: nowMs - 35 * DAY_MS, errors: 0 };
  },
};
