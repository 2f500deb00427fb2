import { replacePod } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'hard-mount-stateful',
  says: 'The volume of a StatefulSet has no mount options, so it is mounted hard.',
  prepare: (world) => {
    setMountOptions(world, 'forgejo-data', null);
    replacePod(world, { namespace: 'forgejo', name: 'forgejo' });
  },
};
