import { kind } from '../site/volumes.ts';
import { replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'hard-mount',
  says: 'The volume of the library has no mount options, so it is mounted hard; everything answers.',
  prepare: (world) => {
    world.store.patch({ resource: kind('v1', 'persistentvolumes'), name: 'immich-library' }, { spec: { mountOptions: null } });
    replacePod(world, SERVER_PODS);
  },
};
