import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-loss-on-one-node',
  says: 'Of the calls of k8s-node3 some get lost.',
  prepare: ({ load }) => {
    load.ways.set('k8s-node3', { retransPercent: 4 });
  },
};
