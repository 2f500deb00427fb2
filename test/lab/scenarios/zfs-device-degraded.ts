import type { Scenario } from './scenario.ts';
import { deviceOf, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-device-degraded',
  says: 'A device of the pool main has too many checksum errors and is degraded.',
  prepare: (world) => {
    poolOf(world).health = 'DEGRADED';
    Object.assign(deviceOf(world, 2), { state: 'DEGRADED', checksum: '686', note: 'too many errors' });
  },
};
