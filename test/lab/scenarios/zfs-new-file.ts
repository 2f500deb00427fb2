import type { Scenario } from './scenario.ts';
import { damageKnown, deviceOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-new-file',
  says: 'The pool main lists 61 errors: the 56 known ones and five files of paperless; one device counts more checksum errors.',
  prepare: (world) => {
    const status = damageKnown(world);
    const file = (index: number) => `/mnt/main/paperless-ngx/media/invoice ${index}.pdf`;
    status.errors.push(...[1, 2, 3, 4, 5].map(file));
    deviceOf(world, 2).checksum = '1.37K';
  },
};
