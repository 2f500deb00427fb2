import { mountOf, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'frozen-mount',
  says: 'Since a reboot of k8s-node2 two pods of different namespaces hang on their old mounts and look well.',
  prepare: (world) => {
    mountOf(world, SERVER_PODS, 'immich-upload').hangs = 'killable';
    mountOf(world, { namespace: 'navidrome', name: 'navidrome' }, 'navidrome-data').hangs = 'killable';
  },
};
