import { notReady, SERVER_PODS, silence } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'nfsd-stopped',
  says: 'The NAS runs, its NFS server does not.',
  prepare: (world) => {
    world.nas.services.nfsd = false;
    for (const node of world.nodes.values()) silence(world, node);
    notReady(world, SERVER_PODS);
  },
};
