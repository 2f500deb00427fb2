import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-working-set',
  says: 'More is read again and again than fits into the cache of ZFS.',
  prepare: ({ load }) => {
    load.cache = { sinceBootPercent: 72.4, nowPercent: 71, isFull: true };
    load.serverDelayMs = 34;
  },
};
