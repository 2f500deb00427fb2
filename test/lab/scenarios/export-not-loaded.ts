import { LIBRARY, replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'export-not-loaded',
  says: 'The file of exports names a directory of immich, and mountd has not read the file since.',
  prepare: (world) => {
    world.nas.active = world.nas.active.filter(({ path }) => path !== LIBRARY);
    replacePod(world, SERVER_PODS);
  },
};
