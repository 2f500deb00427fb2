import type { Scenario } from './scenario.ts';
import { DAY_MS, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-scrub-paused',
  says: 'A scrub of the pool main was paused two days ago.',
  prepare: (world) => {
    const { nowMs } = world.time;
    poolOf(world).status.scan = { is: 'paused', sinceMs: nowMs - 2 * DAY_MS, startedMs: nowMs - 3 * DAY_MS, percent: 30.49 };
  },
};
