import { scenario as missing } from './export-missing.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'export-missing-script',
  says: 'A directory is not exported by a FreeBSD server without middleware, whose exports a script makes.',
  flavour: 'core',
  prepare: (world) => {
    world.nas.middleware = false;
    missing.prepare(world);
  },
};
