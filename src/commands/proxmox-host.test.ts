import { expect, test } from 'vitest';
import { parseBootDisk } from './proxmox-host.ts';

test('the boot disk comes with the name of the machine', () => {
  const config =
    'boot: order=scsi0;net0\ndescription: name%3A other\nname: k8s-node2\nscsi0: local-lvm:vm-202-disk-0,size=256G\n';
  expect(parseBootDisk(config)).toEqual({ slot: 'scsi0', present: true, vmName: 'k8s-node2' });
  expect(parseBootDisk('boot: order=scsi0\n')).toEqual({ slot: 'scsi0', present: false });
});
