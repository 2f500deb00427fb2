import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'machine-silent-on-busy-disk',
  says: 'The virtual machine 102 writes nothing, and neither does anybody else get far: the disk is fully busy.',
  prepare: ({ load, hypervisor }) => {
    load.stalled.add(102);
    hypervisor.diskBusyPercent = 98.7;
  },
};
