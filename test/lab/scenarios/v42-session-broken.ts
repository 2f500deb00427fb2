import { nodeOf } from '../site/world.ts';
import { replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'v42-session-broken',
  says: 'Since pods were deleted by force on k8s-node2, its kernel cannot mount by NFSv4.2; by 4.1 it can.',
  flavour: 'scale',
  prepare: (world) => {
    nodeOf(world, 'k8s-node2').brokenVersions.add('4.2');
    replacePod(world, SERVER_PODS);
  },
};
