import { replacePod } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'hard-mount-database',
  says: 'The volume of a PostgreSQL database has no mount options, so it is mounted hard.',
  prepare: (world) => {
    setMountOptions(world, 'immich-postgresql-data', null);
    replacePod(world, { namespace: 'immich', name: 'immich-postgresql' });
  },
};
