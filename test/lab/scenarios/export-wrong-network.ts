import { exportLine, loadExports } from '../site/exports.ts';
import { LIBRARY, replacePod, SERVER_PODS, unexport } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'export-wrong-network',
  says: 'One directory of immich is exported to another network than that of the nodes.',
  flavour: 'debian',
  prepare: (world) => {
    const { nas } = world;
    unexport(world, LIBRARY);
    nas.files.set('/etc/exports', `${nas.files.get('/etc/exports')}${exportLine('debian', LIBRARY, '192.168.9.0/24')}\n`);
    loadExports(nas, world.time.nowMs);
    replacePod(world, SERVER_PODS);
  },
};
