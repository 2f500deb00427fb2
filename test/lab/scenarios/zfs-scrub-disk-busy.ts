import type { Scenario } from './scenario.ts';
import { DAY_MS, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-scrub-disk-busy',
  says: 'The last scrub of the pool main was ended, and the disk under it has no time for another.',
  prepare: (world) => {
    poolOf(world).status.scan = { is: 'canceled', atMs: world.time.nowMs - DAY_MS };
    world.hypervisor.diskBusyPercent = 96.4;
  },
};
