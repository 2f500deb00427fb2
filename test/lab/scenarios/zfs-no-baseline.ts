import type { Scenario } from './scenario.ts';
import { DAY_MS, damage } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-no-baseline',
  says: 'The pool main lists 56 errors, and the configuration knows of none; the last scrub was three days ago.',
  prepare: (world) => {
    const status = damage(world);
    status.scan = { is: 'finished', atMs: world.time.nowMs - 3 * DAY_MS, errors: 56 };
  },
};
