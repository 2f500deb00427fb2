import type { Scenario } from './scenario.ts';
import { poolOf, runBackup } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-scrub-waits',
  says: 'The pool ssd never had a scrub, and a backup runs.',
  prepare: (world) => {
    poolOf(world, 'ssd').status.scan = { is: 'none' };
    runBackup(world);
  },
};
