import { expect, test } from 'vitest';
import { parseBootDisk, parseIostat } from './proxmox-host.ts';

test('the boot disk comes with the name of the machine', () => {
  const config =
    'boot: order=scsi0;net0\ndescription: name%3A other\nname: k8s-node2\nscsi0: local-lvm:vm-202-disk-0,size=256G\n';
  expect(parseBootDisk(config)).toEqual({ slot: 'scsi0', present: true, vmName: 'k8s-node2' });
  expect(parseBootDisk('boot: order=scsi0\n')).toEqual({ slot: 'scsi0', present: false });
});

test('how busy a disk is stands in a column of its own, whatever the decimal sign; a row that was cut is no answer', () => {
  const text = (row: string) => `Linux 6.8.12 (pve)\n\nDevice            r/s     rkB/s   %util\n${row}\n\n`;
  expect(parseIostat(text('sdc              8.51    936.00    4.20'), 'sdc')).toBe(4.2);
  expect(parseIostat(text('sdc              8,51    936,00    4,20'), 'sdc')).toBe(4.2);
  for (const row of ['sdc              8.51    936.00', 'sdb              8.51    936.00    4.20', ''])
    expect(() => parseIostat(text(row), 'sdc')).toThrow('no figures of sdc');
});
