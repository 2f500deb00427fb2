import { replacePod } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'rsize-lowered',
  says: 'A volume asks for more bytes in one call than the server gives.',
  prepare: (world) => {
    setMountOptions(world, 'uptime-kuma-data', ['rsize=1048576', 'soft', 'timeo=30', 'retrans=3', 'actimeo=5']);
    replacePod(world, { namespace: 'uptime-kuma', name: 'uptime-kuma' });
  },
};
