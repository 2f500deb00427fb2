import type { Scenario } from './scenario.ts';
import { damageKnown } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-known-errors',
  says: 'The pool main lists the 56 errors that the configuration knows, and no other.',
  prepare: (world) => {
    damageKnown(world);
  },
};
