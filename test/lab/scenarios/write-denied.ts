import { runAs } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'write-denied',
  says: "The machine learning of immich runs as uid 101 and may not write into its directory, which is root's.",
  prepare: (world) => {
    world.nas.disk.make('/mnt/ssd/immich/ml-cache', { uid: 0, gid: 0, mode: 0o755 });
    runAs(world, { namespace: 'immich', name: 'immich-machine-learning' }, 101);
  },
};
