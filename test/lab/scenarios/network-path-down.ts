import { NAS_ADDRESS, NEIGHBOUR } from '../site/addresses.ts';
import { cutOff, notReady, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'network-path-down',
  says: 'No node reaches the network of the NAS, which itself is well.',
  prepare: (world) => {
    for (const name of world.nodes.keys()) cutOff(world, name, [NAS_ADDRESS, NEIGHBOUR.address]);
    notReady(world, SERVER_PODS);
  },
};
