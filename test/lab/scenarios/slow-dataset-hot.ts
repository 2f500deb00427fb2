import { podOf } from './changes.ts';
import type { Scenario } from './scenario.ts';

const FRIGATE = { namespace: 'frigate', name: 'frigate' } as const;

export const scenario: Scenario = {
  name: 'slow-dataset-hot',
  says: 'One service with a dataset of its own keeps the disk under the NAS fully busy.',
  prepare: (world) => {
    world.nas.disk.addDataset('main/frigate', '/mnt/main/frigate');
    world.load.pods.set(podOf(world, FRIGATE).metadata.uid, { readKBPerS: 60_000, writeKBPerS: 36_000 });
  },
};
