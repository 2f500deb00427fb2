import { wedge } from '../site/node.ts';
import { nodeOf } from '../site/world.ts';
import { replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'client-wedged',
  says: 'The NFS client in the kernel of k8s-node2 hangs: no new mount ends there, while other nodes mount.',
  prepare: (world) => {
    wedge(nodeOf(world, 'k8s-node2'), world.time.nowMs);
    replacePod(world, SERVER_PODS, { withinMs: 180_000 });
  },
};
