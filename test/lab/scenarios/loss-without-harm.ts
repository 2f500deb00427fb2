import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'loss-without-harm',
  says: 'Of the calls of all nodes a few in thousand get lost.',
  prepare: ({ load, nodes }) => {
    for (const name of nodes.keys()) load.ways.set(name, { retransPercent: 0.7 });
  },
};
