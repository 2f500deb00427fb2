import { replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'mountd-down',
  says: 'mountd died while nfsd lives: what is mounted works, and a pod that started since cannot mount over NFSv3.',
  prepare: (world) => {
    world.nas.services.mountd = false;
    replacePod(world, SERVER_PODS, { withinMs: 180_000 });
  },
};
