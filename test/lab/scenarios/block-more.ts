import { nodeOf, type World } from '../site/world.ts';
import { addGhosts, attachmentOf, VAULT, vmOf } from './block-changes.ts';
import type { Scenario } from './scenario.ts';

/** Of the disk of vaultwarden. */
function slotOf(world: World): string {
  const { node, volume } = attachmentOf(world, VAULT);
  const [slot] = [...vmOf(world, node).config].find(([, each]) => each.includes(volume)) ?? [];
  if (slot === undefined) throw new Error('vaultwarden has a disk');
  return slot;
}

/** Situations of disks in which a view is missing, or two of them contradict each other. */
export const blockMore: readonly Scenario[] = [
  {
    name: 'block-few-ghosts',
    says: 'The machine of k8s-node3 has three disks in its slots that nothing uses and that count as attached nowhere.',
    prepare: (world) => addGhosts(world, 'k8s-node3', 3),
  },
  {
    name: 'block-ghost-as-device',
    says: 'One of two disks that count as attached nowhere is given to a pod of k8s-node3 as a device, without a mount.',
    prepare: (world) => {
      addGhosts(world, 'k8s-node3', 2);
      const drive = [...vmOf(world, 'k8s-node3').runtime.drives.values()].at(-1);
      if (drive?.guest === undefined) throw new Error('there is a ghost');
      const by = `/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices/publish/${drive.volume.slice('vm-9999-'.length)}/4f1b7c52-0a4e-4a5e-9d0b-2f6f0c6f7e11`;
      nodeOf(world, 'k8s-node3').diskUsers.push({ device: drive.guest, how: 'given', by });
    },
  },
  {
    name: 'block-wrong-machine',
    says: 'The number that the inventory has for k8s-node3 is that of another machine, whose disks count as attached nowhere.',
    prepare: (world) => {
      addGhosts(world, 'k8s-node3', 3);
      vmOf(world, 'k8s-node3').config.set('net0', 'virtio=BC:24:11:7A:90:1E,bridge=vmbr1,tag=20');
    },
  },
  {
    name: 'block-slot-lost',
    says: 'The disk of vaultwarden is in QEMU and mounted, and no longer in the configuration of its machine.',
    prepare: (world) => {
      const { config } = vmOf(world, attachmentOf(world, VAULT).node);
      config.delete(slotOf(world));
    },
  },
  {
    name: 'block-ghost-elsewhere',
    says: 'One of two disks that count as attached nowhere is on another storage than its volume says.',
    prepare: (world) => {
      addGhosts(world, 'k8s-node3', 2);
      const { config } = vmOf(world, 'k8s-node3');
      const [slot, value] = [...config].findLast(([, each]) => each.includes(':vm-9999-')) ?? [];
      if (slot === undefined || value === undefined) throw new Error('there is a ghost');
      config.set(slot, value.replace('local-lvm:', 'ssd:'));
    },
  },
  {
    name: 'block-wrong-wwn',
    says: 'The slot of the disk of vaultwarden carries the name of another slot.',
    prepare: (world) => {
      const { config } = vmOf(world, attachmentOf(world, VAULT).node);
      const slot = slotOf(world);
      config.set(slot, `${config.get(slot)}`.replace(/wwn=0x[0-9a-f]+/, 'wwn=0x5056432d49443239'));
    },
  },
  {
    name: 'blind-block-monitor',
    says: 'QEMU of the machine of k8s-node3 does not answer, and the machine has no more disks than others.',
    prepare: (world) => {
      vmOf(world, 'k8s-node3').runtime.monitorHangs = true;
    },
  },
];
