import { replacePod, SERVER_PODS } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'mount-options-old',
  says: 'The volume of the library has its mount options again, and its pod still has the hard mount from before.',
  prepare: (world) => {
    setMountOptions(world, 'immich-library', null);
    replacePod(world, SERVER_PODS);
    setMountOptions(world, 'immich-library', ['soft', 'timeo=30', 'retrans=3', 'actimeo=5']);
  },
};
