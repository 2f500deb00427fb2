import type { Scenario } from './scenario.ts';
import { scenario as datasetHot } from './slow-dataset-hot.ts';

export const scenario: Scenario = {
  name: 'slow-dataset-hot-no-room',
  says: 'One service with a dataset of its own keeps the disk fully busy, and no other pool has room for it.',
  prepare: (world) => {
    datasetHot.prepare(world);
    for (const pool of world.nas.pools) if (pool.name === 'ssd') pool.usedPercent = 100;
  },
};
