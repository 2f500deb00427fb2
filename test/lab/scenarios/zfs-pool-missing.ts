import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'zfs-pool-missing',
  says: 'The pool ssd is not imported.',
  prepare: ({ nas }) => {
    nas.pools.splice(1, 1);
  },
};
