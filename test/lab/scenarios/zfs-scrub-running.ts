import type { Scenario } from './scenario.ts';
import { poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-scrub-running',
  says: 'A scrub of the pool main runs.',
  prepare: (world) => {
    poolOf(world).status.scan = { is: 'running', what: 'scrub', sinceMs: world.time.nowMs - 2 * 3_600_000, percent: 49.18 };
  },
};
