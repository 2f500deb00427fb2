import { notReady, replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'dataset-not-mounted',
  says: 'The thumbnails are a dataset of their own, which is not mounted: clients would see the empty directory below it.',
  prepare: (world) => {
    const below = world.nas.disk.at('/mnt/ssd/immich/thumbs');
    if (below !== undefined) below.entries = [];
    const dataset = world.nas.disk.addDataset('ssd/immich/thumbs', '/mnt/ssd/immich/thumbs');
    replacePod(world, SERVER_PODS);
    dataset.mounted = false;
    notReady(world, SERVER_PODS);
  },
};
