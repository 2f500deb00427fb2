import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-loss-everywhere',
  says: 'Of the calls of all nodes some get lost.',
  prepare: ({ load, nodes }) => {
    for (const name of nodes.keys()) load.ways.set(name, { retransPercent: 4 });
  },
};
