import type { Scenario } from './scenario.ts';
import { DAY_MS, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-errors-unlisted',
  says: 'The pool main has errors and prints an empty list of them.',
  prepare: (world) => {
    const { status } = poolOf(world);
    status.isListEmpty = true;
    status.scan = { is: 'finished', atMs: world.time.nowMs - DAY_MS, errors: 0 };
  },
};
