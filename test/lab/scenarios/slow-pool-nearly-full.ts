import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-pool-nearly-full',
  says: 'The pool main is 93 % full, and NFS is slow.',
  prepare: ({ nas, load }) => {
    for (const pool of nas.pools) if (pool.name === 'main') pool.usedPercent = 93;
    load.serverDelayMs = 85;
  },
};
