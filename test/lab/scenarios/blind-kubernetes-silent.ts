import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'blind-kubernetes-silent',
  says: 'The API server accepts connections and never answers; all else is well.',
  prepare: (world) => {
    world.api.hangs = true;
  },
};
