import { statusOf } from '../site/pools.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-scrub-running',
  says: 'A scrub of the pool main reads all that it holds, and NFS waits for it.',
  prepare: ({ nas, time, load }) => {
    load.scanPercent = 52;
    for (const pool of nas.pools) {
      if (pool.name !== 'main') continue;
      statusOf(pool, nas.flavour).scan = { is: 'running', what: 'scrub', sinceMs: time.nowMs - 3_600_000, percent: 48.2 };
    }
  },
};
