import type { Scenario } from './scenario.ts';
import { poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-status-hangs',
  says: 'A pool gives no answer: zpool status waits for it and never ends.',
  prepare: (world) => {
    poolOf(world).status.hangs = true;
  },
};
