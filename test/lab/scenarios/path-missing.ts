import { LIBRARY, replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'path-missing',
  says: 'A directory of immich is exported and no longer exists on the NAS.',
  prepare: (world) => {
    world.nas.disk.remove(LIBRARY);
    replacePod(world, SERVER_PODS);
  },
};
