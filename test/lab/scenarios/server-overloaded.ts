import { mountOf, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'server-overloaded',
  says: 'The NFS server waits for a disk that is fully busy: some calls do not come back, none is refused.',
  prepare: (world) => {
    world.nas.threads.stuck = 62;
    world.hypervisor.diskBusyPercent = 98.1;
    for (const volume of ['immich-library', 'immich-encoded-video']) mountOf(world, SERVER_PODS, volume).hangs = 'killable';
    mountOf(world, { namespace: 'navidrome', name: 'navidrome' }, 'navidrome-data').hangs = 'killable';
  },
};
