import { LIBRARY, replacePod, SERVER_PODS, unexport } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'export-missing',
  says: 'One directory of immich exists and is not exported, and a new pod is refused its mount.',
  prepare: (world) => {
    unexport(world, LIBRARY);
    replacePod(world, SERVER_PODS);
  },
};
