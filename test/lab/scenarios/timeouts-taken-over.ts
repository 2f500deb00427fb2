import { replacePod } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'timeouts-taken-over',
  says: 'A volume has a longer time-out, and its new mount took over that of the other mounts on its node.',
  prepare: (world) => {
    setMountOptions(world, 'navidrome-data', ['timeo=50', 'soft', 'retrans=3', 'actimeo=5']);
    replacePod(world, { namespace: 'navidrome', name: 'navidrome' });
  },
};
