import type { Scenario } from './scenario.ts';
import { damageKnown, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-thin-pool-exhausted',
  says: 'Every device of the pool main counts new checksum errors: the thin pool below them has no space for data.',
  prepare: (world) => {
    damageKnown(world);
    poolOf(world).status.devices.forEach((device, index) => {
      device.checksum = `${140 + 7 * index}`;
    });
    Object.assign(world.hypervisor.thinPool, { dataPercent: 100, attributes: 'twi-aotzD-' });
  },
};
