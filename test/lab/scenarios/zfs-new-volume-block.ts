import type { Scenario } from './scenario.ts';
import { addVolume, DAY_MS, damageKnown } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-new-volume-block',
  says: 'A block of a volume is newly damaged, and something that was deleted since; the scrub was on the day before.',
  prepare: (world) => {
    const status = damageKnown(world);
    addVolume(world, 'main/iscsi/csi-pvc-0a44e1f9');
    status.errors.push('main/iscsi/csi-pvc-0a44e1f9:<0x1>', '<0x1d22a>:<0x1>');
    status.scan = { is: 'finished', atMs: world.time.nowMs - DAY_MS, errors: 58 };
  },
};
