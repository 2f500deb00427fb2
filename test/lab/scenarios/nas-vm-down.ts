import { NAS_VMID } from '../site/hypervisor.ts';
import { notReady, SERVER_PODS, silence } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'nas-vm-down',
  says: 'The virtual machine of the NAS does not run.',
  prepare: (world) => {
    const vm = world.hypervisor.vms.get(NAS_VMID);
    if (vm !== undefined) vm.status = 'stopped';
    for (const node of world.nodes.values()) silence(world, node);
    notReady(world, SERVER_PODS);
  },
};
