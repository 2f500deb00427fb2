import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-pool-fragmented',
  says: 'The free space of the pool main is in small pieces, and NFS is slow.',
  prepare: ({ nas, load }) => {
    for (const pool of nas.pools) if (pool.name === 'main') pool.fragmentedPercent = 63;
    load.serverDelayMs = 60;
  },
};
