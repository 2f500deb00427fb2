import { replacePod } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'hard-mount-shared',
  says: 'A volume that three pods on three nodes share has no mount options, so all mount it hard.',
  prepare: (world) => {
    setMountOptions(world, 'servarr-downloads', null);
    for (const name of ['lidarr', 'prowlarr', 'qbittorrent']) replacePod(world, { namespace: 'servarr', name });
  },
};
