import { notReady, SERVER_PODS, silence } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'server-unreachable',
  says: 'No node reaches the NFS server, and the NAS does not accept our keys, so that we cannot see why.',
  prepare: (world) => {
    world.nas.services.nfsd = false;
    world.nas.acceptsKeys = false;
    for (const node of world.nodes.values()) silence(world, node);
    notReady(world, SERVER_PODS);
  },
};
