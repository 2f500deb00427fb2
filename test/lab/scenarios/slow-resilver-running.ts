import { statusOf } from '../site/pools.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-resilver-running',
  says: 'The pool main is being rebuilt, and NFS waits for it.',
  prepare: ({ nas, time, load }) => {
    load.scanPercent = 52;
    for (const pool of nas.pools) {
      if (pool.name !== 'main') continue;
      statusOf(pool, nas.flavour).scan = { is: 'running', what: 'resilver', sinceMs: time.nowMs - 3_600_000, percent: 48.2 };
    }
  },
};
