import { NAS_ADDRESS, NEIGHBOUR } from '../site/addresses.ts';
import { addWorkload } from '../site/populate.ts';
import { cutOff, notReady } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'node-cut-off',
  says: 'k8s-node4 does not reach the network of the NAS, while the other nodes do; a pod of immich runs there.',
  prepare: (world) => {
    const workload = { namespace: 'immich', name: 'immich-microservices' };
    addWorkload(world, { ...workload, kind: 'Deployment', nodes: ['k8s-node4'], claims: ['immich-upload', 'immich-thumbs'] });
    cutOff(world, 'k8s-node4', [NAS_ADDRESS, NEIGHBOUR.address]);
    notReady(world, workload);
  },
};
