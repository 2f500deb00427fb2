import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'cache-swept-without-harm',
  says: 'Nightly copies read what nobody read for long, and NFS answers quickly all the same.',
  prepare: ({ load }) => {
    load.cache = { sinceBootPercent: 97.2, nowPercent: 71.3, isFull: true };
  },
};
