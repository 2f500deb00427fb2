import { statusOf } from '../site/pools.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'scrub-without-harm',
  says: 'A scrub of the pool main runs, and the disk has time for NFS as well.',
  prepare: ({ nas, time, load, hypervisor }) => {
    load.scanPercent = 52;
    for (const pool of nas.pools) {
      if (pool.name !== 'main') continue;
      statusOf(pool, nas.flavour).scan = { is: 'running', what: 'scrub', sinceMs: time.nowMs - 3_600_000, percent: 48.2 };
    }
    hypervisor.diskBusyPercent = 2.1;
  },
};
