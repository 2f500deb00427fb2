import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'zfs-thin-metadata-full',
  says: 'The metadata of the thin pool is full while a third of its data is free.',
  prepare: (world) => {
    Object.assign(world.hypervisor.thinPool, { dataPercent: 62, metadataPercent: 100, attributes: 'twi-cotzM-' });
  },
};
