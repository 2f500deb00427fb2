import { describe, expect, it } from 'vitest';
import { monitorBlock, monitorObjects, parseDrives, parseObjects } from './block-monitor.ts';

const PVE = { name: 'pve', sudo: false };
const BANNER = "Entering QEMU Monitor for VM 203 - type 'help' for help\n";
const DISK = 'vm-9999-pvc-8627cda8-9428-4b7a-9a77-c671d9fa82c1';

const INFO_BLOCK = `${BANNER}drive-ide2: [not inserted]
    Attached to:      ide2
    Removable device: not locked, tray closed

drive-scsi0 (#block190): /dev/pve/vm-203-disk-0 (raw)
    Attached to:      scsi0
    Cache mode:       writeback, direct
    Detect zeroes:    unmap

drive-scsi2 (#block412): /dev/mapper/pve-vm--9999--pvc--8627cda8--9428--4b7a--9a77--c671d9fa82c1 (raw)
    Attached to:      scsi2
    Cache mode:       writeback, direct
`;

const printed = (stdout: string, exitCode = 0) => ({ exitCode, stdout, stderr: '' });
const drives = (stdout: string, exitCode?: number) => monitorBlock(PVE, 203).parse(printed(stdout, exitCode));

describe('the drives of QEMU', () => {
  it('are read with the volume that each has open, by whichever name of its device', () => {
    expect(drives(INFO_BLOCK)).toEqual({
      answers: true,
      has: [
        { slot: 'ide2', attached: true },
        { slot: 'scsi0', volume: 'vm-203-disk-0', attached: true },
        { slot: 'scsi2', volume: DISK, attached: true },
      ],
    });
  });

  it('are read where the file stands in a JSON, as since QEMU 10', () => {
    const file = JSON.stringify({
      driver: 'throttle',
      file: { driver: 'raw', file: { driver: 'host_device', filename: `/dev/pve/${DISK}` } },
    });
    expect(parseDrives([`drive-scsi2: json:${file} (throttle)`, '    Attached to:      scsi2'])).toEqual([
      { slot: 'scsi2', volume: DISK, attached: true },
    ]);
  });

  it('tell one that no device of the guest uses', () => {
    expect(parseDrives([`drive-scsi4 (#block9): /dev/pve/${DISK} (raw)`])).toEqual([
      { slot: 'scsi4', volume: DISK, attached: false },
    ]);
  });

  it('are read behind the prompts of the monitor', () => {
    expect(
      drives(`${BANNER}qm> drive-scsi0 (#block190): /dev/pve/vm-203-disk-0 (raw)\n    Attached to:      scsi0\nqm> \n`),
    ).toEqual({
      answers: true,
      has: [{ slot: 'scsi0', volume: 'vm-203-disk-0', attached: true }],
    });
  });
});

describe('a QEMU that does not answer', () => {
  it.each([
    ["ERROR: VM 203 qmp command 'human-monitor-command' failed - got timeout"],
    [
      "ERROR: VM 203 qmp command 'human-monitor-command' failed - unable to connect to VM 203 qmp socket - timeout after 51 retries",
    ],
    ["ERROR: VM 203 qmp command 'human-monitor-command' failed - VM 203 not running"],
  ])('is silent, and not without disks: %s', (error) => {
    expect(drives(`${BANNER}${error}\n`)).toEqual({ answers: false, says: error.slice('ERROR: '.length) });
    expect(monitorObjects(PVE, 203).parse(printed(`${BANNER}${error}\n`))).toMatchObject({ answers: false });
  });

  it('is silent where the monitor itself had to be ended', () => {
    expect(drives('', 124)).toMatchObject({ answers: false });
  });
});

describe('an output of another form', () => {
  it.each([
    ['nothing', ''],
    ['no banner', 'drive-scsi0 (#block190): /dev/pve/vm-203-disk-0 (raw)\n'],
    ['a banner alone', BANNER],
    ['another error', `${BANNER}ERROR: unknown command: 'info blok'\n`],
    ['a drive without a file', `${BANNER}drive-scsi0 (#block190): something new\n`],
  ])('is not read: %s', (_what, stdout) => {
    expect(() => drives(stdout)).toThrow(Error);
  });

  it('is not read as objects either', () => {
    expect(() => parseObjects([])).toThrow('no object');
    expect(() => parseObjects(['throttle-drive-scsi2'])).toThrow('not an object');
  });
});

it('the objects of QEMU are read by their names', () => {
  const stdout = `${BANNER}type (string)\nthrottle-drive-scsi2 (child<throttle-group>)\npc.ram (child<memory-backend-ram>)\n`;
  expect(monitorObjects(PVE, 203).parse(printed(stdout))).toEqual({
    answers: true,
    has: ['type', 'throttle-drive-scsi2', 'pc.ram'],
  });
});
