import { kernelSays } from '../site/node.ts';
import { nodeOf } from '../site/world.ts';
import { UPLOAD } from './changes.ts';
import type { Scenario } from './scenario.ts';

const MINUTE_MS = 60_000;

export const scenario: Scenario = {
  name: 'write-maybe-lost',
  says: 'Some hours ago the NAS was silent for a minute; all is well again, and two uploads of that minute are shorter than they should be.',
  prepare: (world) => {
    const { nas, time } = world;
    const beganMs = time.nowMs - 180 * MINUTE_MS;
    for (const afterS of [12, 24, 39, 61])
      kernelSays(nodeOf(world, 'k8s-node2'), beganMs + afterS * 1_000, `nfs: server ${nas.address} not responding, timed out`);
    nas.written.push(
      { path: `${UPLOAD}/admin/IMG_0001.HEIC`, atMs: beganMs - 60 * MINUTE_MS },
      { path: `${UPLOAD}/admin/IMG_0417.HEIC`, atMs: beganMs + 9_000 },
      { path: `${UPLOAD}/admin/IMG 0418.MOV`, atMs: beganMs + 31_000 },
      { path: `${UPLOAD}/admin/IMG_0419.HEIC`, atMs: beganMs + 30 * MINUTE_MS },
    );
  },
};
