import { blockDevices, GIB, type GuestDevice, volumeNamed } from '../block.ts';
import { deviceNumber } from '../disk-names.ts';
import type { LabNode } from '../node.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { dfOf } from './sqlite.ts';

/** What a node's tools say of its disks. */
export const blockTools: Readonly<Record<'lsblk' | 'find' | 'df', Program>> = {
  lsblk: { run: runLsblk },
  find: { run: runFind },
  df: { run: runDf },
};

const LSBLK = '--json --bytes --nodeps --output NAME,MAJ:MIN,TYPE,SIZE,RO,WWN,SERIAL,FSTYPE,UUID';

function runLsblk(call: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== LSBLK) return usage('lsblk', 'unrecognized option');
  const devices = nodeDevices(call).map((device) => deviceRow(call, device));
  const rows = devices.map((row) => {
    const fields = Object.entries(row).map(([key, value]) => `         "${key}": ${JSON.stringify(value)}`);
    return `      {\n${fields.join(',\n')}\n      }`;
  });
  return ok(`{\n   "blockdevices": [\n${rows.join(',')}\n   ]\n}\n`);
}

function nodeDevices({ machine, world }: Call): readonly GuestDevice[] {
  return machine.kind === 'node' ? blockDevices(world.hypervisor, machine.node) : [];
}

function deviceRow({ world }: Call, { name, slot, drive }: GuestDevice) {
  const volume = volumeNamed(world.hypervisor, drive.volume, drive.vg);
  return {
    name,
    'maj:min': deviceNumber(name),
    type: 'disk',
    size: volume?.sizeBytes ?? 0,
    ro: false,
    wwn: drive.wwn ?? null,
    serial: drive.wwn === undefined ? `drive-${slot}` : drive.wwn.slice(2),
    fstype: volume?.fileSystem?.type ?? null,
    uuid: volume?.fileSystem?.uuid ?? null,
  };
}

const FIND = ['/dev/disk/by-id', '-maxdepth', '1', '-type', 'l', '-printf', '%f %l\\n'];

/** udev names a disk after what its SCSI answers say of it; the first disk of each machine has partitions. */
function runFind(call: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== FIND.join(' ')) return fail(1, `find: ‘${args[0] ?? ''}’: No such file or directory`);
  const links = nodeDevices(call).flatMap(({ name, slot, drive: { wwn } }) => {
    const own = wwn === undefined ? [`scsi-0QEMU_QEMU_HARDDISK_drive-${slot}`] : [`scsi-3${wwn.slice(2)}`, `wwn-${wwn}`];
    const parts = slot === 'scsi0' ? ['1', '14', '15'] : [];
    return own.flatMap((link) => [`${link} ../../${name}`, ...parts.map((part) => `${link}-part${part} ../../${name}${part}`)]);
  });
  return ok(lines(links));
}

const DF = '--block-size=1 --type=ext4 --type=xfs --output=size,used,avail,itotal,iused,target';
const INODE_BYTES = 16_384;

interface Used {
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly reservedBytes?: number;
  readonly inodesUsedPercent: number;
}

const HEADER = '  1B-blocks         Used        Avail    Inodes   IUsed Mounted on';

/** Its own system, and what else it has mounted from its volumes. */
function hostRows({ world: { hypervisor } }: Call): string[] {
  const root = { mountPoint: '/', sizeBytes: 93 * GIB, usedBytes: 22 * GIB, inodesUsedPercent: 2 };
  const others = hypervisor.hostMounts.flatMap(({ mountPoint, volume }) => {
    const fileSystem = volumeNamed(hypervisor, volume)?.fileSystem;
    return fileSystem === undefined ? [] : [{ ...fileSystem, mountPoint }];
  });
  return [root, ...others].map(({ mountPoint, ...used }) => dfRow(used, mountPoint));
}

function runDf(call: Call, args: readonly string[]): Answer {
  const [, of, directory = ''] = args;
  if (of === '--output=fstype,size,avail,itotal,iavail') return dfOf(call, directory);
  if (args.join(' ') !== DF) return usage('df', 'unrecognized option');
  const { machine } = call;
  if (machine.kind === 'hypervisor') return ok(lines([HEADER, ...hostRows(call)]));
  if (machine.kind !== 'node') return usage('df', 'no file systems processed');
  const root = { mountPoint: '/', sizeBytes: 250 * GIB, usedBytes: 61 * GIB, inodesUsedPercent: 4 };
  const rows = [root, ...diskUse(call, machine.node)].map(({ mountPoint, ...used }) => dfRow(used, mountPoint));
  return ok(lines([HEADER, ...rows]));
}

function dfRow({ sizeBytes, usedBytes, reservedBytes = 0, inodesUsedPercent }: Used, mountPoint: string): string {
  const inodes = Math.round(sizeBytes / INODE_BYTES);
  const used = Math.round((inodes * inodesUsedPercent) / 100);
  const available = Math.max(0, sizeBytes - usedBytes - reservedBytes);
  const bytes = [`${sizeBytes}`.padStart(11), `${usedBytes}`.padStart(12), `${available}`.padStart(12)];
  return [...bytes, `${inodes}`.padStart(9), `${used}`.padStart(7), mountPoint].join(' ');
}

/** Of several mounts of one disk df shows the one with the shortest path. */
function diskUse({ world: { hypervisor } }: Call, node: LabNode): readonly (Used & { readonly mountPoint: string })[] {
  const shown = new Map<string, { readonly mountPoint: string; readonly volume: string }>();
  for (const { device, mountPoint, block } of [...node.staged, ...node.mounts]) {
    if (device === undefined || block === undefined) continue;
    const known = shown.get(device);
    if (known === undefined || mountPoint.length < known.mountPoint.length)
      shown.set(device, { mountPoint, volume: block.volume });
  }
  return [...shown.values()].flatMap(({ mountPoint, volume }) => {
    const fileSystem = volumeNamed(hypervisor, volume)?.fileSystem;
    return fileSystem === undefined ? [] : [{ mountPoint, ...fileSystem }];
  });
}
