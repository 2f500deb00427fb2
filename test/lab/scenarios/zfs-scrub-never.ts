import type { Scenario } from './scenario.ts';
import { poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-scrub-never',
  says: 'The pool ssd never had a scrub.',
  prepare: (world) => {
    poolOf(world, 'ssd').status.scan = { is: 'none' };
  },
};
