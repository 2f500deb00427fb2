import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'pool-full',
  says: 'The pool main is 86 % full; all else is well.',
  prepare: ({ nas }) => {
    for (const pool of nas.pools) if (pool.name === 'main') pool.usedPercent = 86;
  },
};
