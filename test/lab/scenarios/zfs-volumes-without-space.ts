import { kernelSays } from '../site/node.ts';
import { nodeOf } from '../site/world.ts';
import type { Scenario } from './scenario.ts';
import { addVolume, poolOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-volumes-without-space',
  says: 'The pool main is full: block devices in it fail, as if their iSCSI sessions had dropped.',
  prepare: (world) => {
    addVolume(world);
    poolOf(world).usedPercent = 100;
    const error = 'critical space allocation error, dev sdd, sector 4196352 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0';
    kernelSays(nodeOf(world, 'k8s-node2'), world.time.nowMs, `blk_update_request: ${error}`);
  },
};
