import { describe, expect, test } from 'vitest';
import { commandLine, show } from '../core/command.ts';
import {
  attachSlot,
  parseVmConfig,
  parseVmCurrent,
  parseVmRates,
  resumeVmByApi,
  startVmByApi,
  stopVmByApi,
  unlinkSlot,
  vmConfig,
} from './proxmox-vm.ts';

const API = { node: 'pve' };

/** As Proxmox VE 8 answers for a node of the cluster, with a volume of the block driver. */
const CONFIG = {
  boot: 'order=scsi0;ide2;net0',
  cores: 8,
  digest: '5f3759df',
  ide2: 'none,media=cdrom',
  memory: '24576',
  name: 'k8s-node3',
  net0: 'virtio=BC:24:11:00:02:03,bridge=vmbr1,tag=20',
  scsi0: 'local-lvm:vm-203-disk-0,size=256G',
  scsi10: 'local-lvm:vm-9999-pvc-b,backup=0,iothread=1,size=2G',
  scsi2:
    'local-lvm:vm-9999-pvc-8627cda8-9428-4c5e-a1d9-0f2b5c9e77aa,backup=0,cache=none,iothread=1,size=1G,wwn=0x5056432d49443032',
  scsihw: 'virtio-scsi-pci',
  unused0: 'local-lvm:vm-203-disk-1',
};

describe('the configuration of a machine', () => {
  test('names its disks in the order of their slots, with what each is on', () => {
    const { slots, bootSlots, name, scsihw, raw } = parseVmConfig(JSON.stringify(CONFIG));
    expect(slots.map(({ slot }) => slot)).toEqual(['ide2', 'scsi0', 'scsi2', 'scsi10']);
    expect(slots[2]).toEqual({
      slot: 'scsi2',
      volume: 'local-lvm:vm-9999-pvc-8627cda8-9428-4c5e-a1d9-0f2b5c9e77aa',
      options: { backup: '0', cache: 'none', iothread: '1', size: '1G', wwn: '0x5056432d49443032' },
    });
    expect({ bootSlots, name, scsihw, cores: raw['cores'] }).toEqual({
      bootSlots: ['scsi0', 'ide2'],
      name: 'k8s-node3',
      scsihw: 'virtio-scsi-pci',
      cores: '8',
    });
  });

  test.each([
    [{ digest: 'x', bootdisk: 'virtio0' }, ['virtio0']],
    [{ digest: 'x', boot: 'cdn', bootdisk: 'ide0' }, ['ide0']],
    [{ digest: 'x' }, []],
  ])('of an older form boots from what it says: %j', (config, bootSlots) => {
    expect(parseVmConfig(JSON.stringify(config)).bootSlots).toEqual(bootSlots);
  });

  test.each([
    'null',
    '[]',
    '{}',
    '{"digest":"x","scsi1":""}',
    '{"digest":"x","scsi1":"size=1G"}',
    '{"digest":"x","scsi1":"a:b,=1"}',
    '{"digest":"x","a":{}}',
  ])('of any other form is not understood: %s', (text) => {
    expect(() => parseVmConfig(text)).toThrow(/./);
  });

  test('is asked for as it is in force, not as it would be after the next start', () => {
    expect(show(vmConfig(API, 203).command)).toBe('proxmox$ pvesh get /nodes/pve/qemu/203/config --current 1');
  });
});

describe('the state of a machine', () => {
  test('is what Proxmox and QEMU say, with its lock', () => {
    const text = '{"vmid":203,"status":"running","qmpstatus":"io-error","lock":"backup","uptime":7}';
    expect(parseVmCurrent(text, 203)).toEqual({ status: 'running', qmpStatus: 'io-error', lock: 'backup' });
    expect(parseVmCurrent('{"vmid":"203","status":"stopped","qmpstatus":"stopped"}', 203)).toEqual({
      status: 'stopped',
      qmpStatus: 'stopped',
    });
  });

  test('of another machine, or of no known form, is not understood', () => {
    expect(() => parseVmCurrent('{"vmid":204,"status":"running","qmpstatus":"running"}', 203)).toThrow(
      'this is virtual machine 204',
    );
    for (const text of ['{}', '{"vmid":203,"status":"unknown","qmpstatus":"running"}', '{"vmid":203,"status":"running"}'])
      expect(() => parseVmCurrent(text, 203)).toThrow(/./);
  });
});

describe('the rates of a machine', () => {
  test('are in the order of time, and nothing is made of a minute without figures', () => {
    const rows = [{ time: 120, diskread: 0, diskwrite: 0 }, { time: 60, diskread: 1.5, diskwrite: 2.5, cpu: 0.1 }, { time: 180 }];
    expect(parseVmRates(JSON.stringify(rows))).toEqual([
      { atMs: 60_000, diskReadBytesPerS: 1.5, diskWriteBytesPerS: 2.5 },
      { atMs: 120_000, diskReadBytesPerS: 0, diskWriteBytesPerS: 0 },
      { atMs: 180_000 },
    ]);
    expect(() => parseVmRates('[]')).toThrow(/small/i);
  });
});

describe('changes', () => {
  test('are the calls of the API that people are shown', () => {
    const [, , slot] = parseVmConfig(JSON.stringify(CONFIG)).slots;
    if (slot === undefined) throw new Error('there is one');
    const lines = [unlinkSlot(API, 203, 'scsi2'), attachSlot(API, 203, slot), stopVmByApi(API, 203), startVmByApi(API, 203)];
    expect(lines.map(({ command }) => commandLine(command))).toEqual([
      'pvesh set /nodes/pve/qemu/203/config --delete scsi2',
      `pvesh set /nodes/pve/qemu/203/config --scsi2 ${CONFIG.scsi2}`,
      'pvesh create /nodes/pve/qemu/203/status/stop',
      'pvesh create /nodes/pve/qemu/203/status/start',
    ]);
  });

  test.each(['scsi', 'scsi2,scsi0', 'ide2', 'unused0', 'scsi2 --force', ''])('take no slot but one of SCSI: %j', (slot) => {
    expect(() => unlinkSlot(API, 203, slot)).toThrow('is no slot of a SCSI disk');
  });

  test('take no machine and no node that Proxmox could not have', () => {
    expect(() => resumeVmByApi(API, 1.5)).toThrow('is no virtual machine');
    expect(() => resumeVmByApi({ node: 'pve/../x' }, 203)).toThrow('is no node of Proxmox');
  });
});
