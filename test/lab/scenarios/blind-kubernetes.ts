import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'blind-kubernetes',
  says: 'The API server does not let us look at pods; all else is well.',
  prepare: (world) => {
    world.api.forbidden.add('pods');
  },
};
