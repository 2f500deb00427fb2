import { exportLine, loadExports } from '../site/exports.ts';
import { LIBRARY, unexport } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'dataset-hidden',
  says: 'The library of immich was made a dataset of its own below an exported directory, and clients see it empty.',
  flavour: 'debian',
  prepare: (world) => {
    const { nas } = world;
    nas.disk.addDataset('main/immich/library', LIBRARY);
    unexport(world, LIBRARY);
    nas.files.set('/etc/exports', `${nas.files.get('/etc/exports')}${exportLine('debian', '/mnt/main/immich')}\n`);
    loadExports(nas, world.time.nowMs);
  },
};
