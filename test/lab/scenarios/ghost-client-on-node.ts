import { nodeOf } from '../site/world.ts';
import { OLD_NAS } from './ghost-client.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'ghost-client-on-node',
  says: 'On k8s-node4 a thread of the kernel waits for a NAS that was switched off; its mount is in the table no more.',
  prepare: (world) => {
    const node = nodeOf(world, 'k8s-node4');
    const manager = { state: 'D', pid: 4411, waitsIn: 'rpc_wait_bit_killable', program: `${OLD_NAS}-mana` };
    node.processes.push({ ...manager, beganMs: node.bootedMs + 3_600_000 });
  },
};
