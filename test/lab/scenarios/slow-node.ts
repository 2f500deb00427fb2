import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-node',
  says: 'The server answers k8s-node1 slowly, and all others quickly.',
  prepare: ({ load }) => {
    load.ways.set('k8s-node1', { delayMs: 120 });
  },
};
