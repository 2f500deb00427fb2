import { NAS_VMID } from '../site/hypervisor.ts';
import { scenario as down } from './nas-vm-down.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'nas-vm-without-boot-disk',
  says: 'The virtual machine of the NAS does not run, and the disk that it boots from is not in its configuration.',
  prepare: (world) => {
    down.prepare(world);
    world.hypervisor.vms.get(NAS_VMID)?.config.delete('scsi0');
  },
};
