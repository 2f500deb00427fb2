import { notReady, remountAll } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'owners-unmapped',
  says: 'Over NFSv4 all files belong to nobody, because server and nodes name different domains.',
  flavour: 'core',
  prepare: (world) => {
    Object.assign(world.nas.settings, { v4: true, v4_v3owner: false, v4_domain: 'lab.example' });
    remountAll(world, '4.2');
    notReady(world, { namespace: 'immich', name: 'immich-postgresql' });
    world.time.advance(5_000);
  },
};
