import { nodeOf } from '../site/world.ts';
import { replacePod, SERVER_PODS } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'hard-mount-unseen',
  says: 'The volume of the library is mounted hard on a node that lets nobody log in.',
  prepare: (world) => {
    setMountOptions(world, 'immich-library', null);
    replacePod(world, SERVER_PODS);
    nodeOf(world, 'k8s-node2').sshAnswers = false;
  },
};
