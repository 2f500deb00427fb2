import type { Scenario } from './scenario.ts';
import { deviceOf, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-suspended',
  says: 'A disk of the hypervisor fails; the pool main is suspended.',
  prepare: (world) => {
    const pool = poolOf(world);
    pool.health = 'SUSPENDED';
    Object.assign(deviceOf(world, 4), { state: 'FAULTED', read: '8', write: '126', note: 'too many errors' });
    world.hypervisor.kernelLog.push(
      '2026-04-03T08:51:07+0000 pve kernel: I/O error, dev sdc, sector 2097152 op 0x1:(WRITE) flags 0x8800 phys_seg 1 prio class 2',
      '2026-04-03T08:51:09+0000 pve kernel: critical medium error, dev sdc, sector 2097408 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2',
    );
  },
};
