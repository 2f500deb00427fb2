import { nodeOf } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'blind-node-ssh',
  says: 'k8s-node2 does not answer SSH; all else is well.',
  prepare: (world) => {
    nodeOf(world, 'k8s-node2').sshAnswers = false;
  },
};
