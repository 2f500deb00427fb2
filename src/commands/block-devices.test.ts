import { describe, expect, it } from 'vitest';
import { parseBlockDevices, parseFileSystemErrors, parseLinks, parseMountInfo, parseUse } from './block-devices.ts';

const row = {
  name: 'sdb',
  'maj:min': '8:16',
  type: 'disk',
  size: 1_073_741_824,
  ro: false,
  wwn: '0x5056432d49443032',
  serial: 'drive-scsi2',
  fstype: 'ext4',
  uuid: '0b1e',
};

describe('the disks of a node', () => {
  it('are read with the number by which the table of mounts names them', () => {
    expect(parseBlockDevices(JSON.stringify({ blockdevices: [row] }))).toEqual([
      {
        name: 'sdb',
        number: '8:16',
        sizeBytes: 1_073_741_824,
        readOnly: false,
        wwn: '0x5056432d49443032',
        serial: 'drive-scsi2',
        fsType: 'ext4',
        uuid: '0b1e',
      },
    ]);
  });

  it('are read where numbers are texts, and without what a disk has not', () => {
    const old = { ...row, size: '1073741824', ro: '0', 'maj:min': '  8:16 ', wwn: null, serial: null, fstype: null, uuid: null };
    expect(parseBlockDevices(JSON.stringify({ blockdevices: [old, { ...row, type: 'rom' }] }))).toEqual([
      { name: 'sdb', number: '8:16', sizeBytes: 1_073_741_824, readOnly: false },
    ]);
  });

  it('are not none: a machine has the disk it boots from', () => {
    expect(() => parseBlockDevices('{"blockdevices":[]}')).toThrow(Error);
    expect(() => parseBlockDevices('')).toThrow(Error);
  });

  it('have names, each of which leads to one', () => {
    expect(parseLinks('wwn-0x5056432d49443032 ../../sdb\nscsi-0QEMU_QEMU_HARDDISK_drive-scsi0-part1 ../../sda1\n')).toEqual([
      { name: 'wwn-0x5056432d49443032', device: 'sdb' },
      { name: 'scsi-0QEMU_QEMU_HARDDISK_drive-scsi0-part1', device: 'sda1' },
    ]);
    expect(() => parseLinks('')).toThrow('no disk has a name');
    expect(() => parseLinks('wwn-0x5056432d49443032')).toThrow('not a link');
  });
});

describe('the table of mounts', () => {
  const line =
    '812 30 8:16 / /var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pvc-1/mount rw,relatime shared:301 - ext4 /dev/sdb rw';

  it('tells the disk by its number, and both what was asked for and what the kernel has', () => {
    const readOnly = line.replace('ext4 /dev/sdb rw', 'ext4 /dev/sdb ro');
    expect(parseMountInfo(`${readOnly}\n25 30 0:23 / /proc rw - proc proc rw\n`)).toEqual([
      {
        number: '8:16',
        mountPoint: '/var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pvc-1/mount',
        root: '/',
        type: 'ext4',
        source: '/dev/sdb',
        readOnly: false,
        fileSystemReadOnly: true,
      },
    ]);
  });

  it.each(['rw,emergency_ro', 'rw,stripe=64,shutdown', 'ro'])('tells a file system that the kernel gave up: %s', (options) => {
    expect(parseMountInfo(line.replace('/dev/sdb rw', `/dev/sdb ${options}`))).toMatchObject([{ fileSystemReadOnly: true }]);
  });

  it('is read with more than one optional field, and with none, and with blanks in paths', () => {
    const [mount] = parseMountInfo('36 35 8:16 /a\\040b /mnt\\040c ro,noatime shared:1 master:2 - ext4 /dev/sdb ro');
    expect(mount).toMatchObject({ root: '/a b', mountPoint: '/mnt c', readOnly: true, fileSystemReadOnly: true });
    expect(parseMountInfo('36 35 8:16 / /mnt rw - ext4 /dev/sdb rw')).toHaveLength(1);
  });

  it('is not empty, and no line of it is of another form', () => {
    expect(() => parseMountInfo('')).toThrow('empty');
    expect(() => parseMountInfo('/dev/sdb /mnt ext4 rw 0 0')).toThrow('not a mount');
    expect(() => parseMountInfo(line.replace('8:16', 'sdb'))).toThrow('no number');
  });
});

it('the use of file systems is read with their inodes', () => {
  const table =
    '   1B-blocks        Used       Avail    Inodes  IUsed Mounted on\n  1020702720   214341632   755326976     65536    164 /var/lib/kubelet/a b\n';
  expect(parseUse(table)).toEqual([
    {
      mountPoint: '/var/lib/kubelet/a b',
      sizeBytes: 1_020_702_720,
      usedBytes: 214_341_632,
      availableBytes: 755_326_976,
      inodes: 65_536,
      inodesUsed: 164,
    },
  ]);
  expect(() => parseUse('')).toThrow('no table');
  expect(() => parseUse('   1B-blocks        Used       Avail    Inodes  IUsed Mounted on\n')).toThrow('no file system');
});

it('errors of file systems are read from the log of the kernel, and a silent log is not read', () => {
  const log = [
    '2026-04-03T08:58:11+0000 k8s-node4 kernel: EXT4-fs error (device sdc): ext4_journal_check_start:83: comm a: Detected aborted journal',
    '2026-04-03T08:58:11+0000 k8s-node4 kernel: EXT4-fs (sdc): Remounting filesystem read-only',
    '2026-04-03T08:40:11+0000 k8s-node4 kernel: EXT4-fs (sdb): mounted filesystem 0b1e r/w with ordered data mode. Quota mode: none.',
  ].join('\n');
  expect(parseFileSystemErrors(log).map(({ device }) => device)).toEqual(['sdc', 'sdc']);
  expect(parseFileSystemErrors('-- No entries --\n')).toEqual([]);
  expect(() => parseFileSystemErrors('')).toThrow('said nothing');
});
