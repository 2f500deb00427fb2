import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-client-queueing',
  says: 'Calls of k8s-node2 wait on the node, and the server answers quickly.',
  prepare: ({ load }) => {
    load.ways.set('k8s-node2', { queueMs: 180 });
  },
};
