import { nodeOf } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'own-server-waited-for',
  says: 'The kernel of k8s-node3 waits for the NAS of this site, and no other does.',
  prepare: (world) => {
    nodeOf(world, 'k8s-node3').processes.push({
      state: 'D',
      pid: 4_301,
      beganMs: world.time.nowMs - 60_000,
      waitsIn: 'rpc_wait_bit_killable',
      program: '10.0.10.15-mana',
    });
  },
};
