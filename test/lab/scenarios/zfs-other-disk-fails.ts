import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'zfs-other-disk-fails',
  says: 'The kernel of the hypervisor reports errors of a disk that the NAS does not use.',
  prepare: ({ hypervisor }) => {
    hypervisor.kernelLog.push('2026-04-03T08:51:07+0000 pve kernel: I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x0');
  },
};
