import { mountOf, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'blind-stat',
  says: 'Whoever calls one mount of immich waits in the kernel, and no signal ends it.',
  prepare: (world) => {
    mountOf(world, SERVER_PODS, 'immich-upload').hangs = 'unkillable';
  },
};
