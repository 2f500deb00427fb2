import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'machine-stalled',
  says: 'The virtual machine 102 is called running and writes nothing, while the disk is idle.',
  prepare: ({ load }) => {
    load.stalled.add(102);
  },
};
