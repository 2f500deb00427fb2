import { exportLine, loadExports } from '../site/exports.ts';
import { LIBRARY, replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'export-line-refused',
  says: 'mountd refuses the line of one directory, because its options differ from those of its file system.',
  flavour: 'core',
  prepare: (world) => {
    const { nas, time } = world;
    const line = exportLine(nas.flavour, LIBRARY);
    const text = nas.files.get('/etc/exports') ?? '';
    nas.files.set('/etc/exports', text.replace(line, line.replace(' -maproot', ' -ro -maproot')));
    loadExports(nas, time.nowMs);
    replacePod(world, SERVER_PODS);
  },
};
