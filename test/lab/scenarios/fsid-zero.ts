import { exportLine, loadExports } from '../site/exports.ts';
import { LIBRARY, replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'fsid-zero',
  says: 'One export has fsid=0: it is the root of the server for NFSv4 clients, and every other path is gone for new mounts.',
  flavour: 'debian',
  prepare: (world) => {
    const { nas, time } = world;
    const line = exportLine(nas.flavour, LIBRARY);
    const text = nas.files.get('/etc/exports') ?? '';
    nas.files.set('/etc/exports', text.replace(line, line.replace(')', ',fsid=0)')));
    loadExports(nas, time.nowMs);
    replacePod(world, SERVER_PODS);
  },
};
