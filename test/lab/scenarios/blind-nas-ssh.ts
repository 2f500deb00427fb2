import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'blind-nas-ssh',
  says: 'The NAS does not accept our keys; all else is well.',
  prepare: (world) => {
    world.nas.acceptsKeys = false;
  },
};
