import { podOf, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-workload-floods',
  says: 'A Deployment writes as fast as it can: the disk under the NAS is full, and all of NFS waits.',
  prepare: (world) => {
    world.load.pods.set(podOf(world, SERVER_PODS).metadata.uid, { readKBPerS: 30_000, writeKBPerS: 65_000 });
  },
};
