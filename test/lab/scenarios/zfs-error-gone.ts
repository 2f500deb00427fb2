import type { Scenario } from './scenario.ts';
import { damageKnown } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-error-gone',
  says: 'Three of the known errors of the pool main are gone: their files were restored.',
  prepare: (world) => {
    const status = damageKnown(world);
    status.errors.splice(10, 3);
  },
};
