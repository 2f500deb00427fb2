import { z } from 'zod';
import type { Host } from '../core/command.ts';
import { asRoot, defineRead, on } from '../core/command.ts';
import { bounded, boundedAsRoot, linesOf } from './bounded.ts';

/** A disk as the guest's kernel has it; nothing here says which volume it is. */
export interface BlockDevice {
  /** `sdc` */
  readonly name: string;
  /** `8:32`: by it the table of mounts names the same disk. */
  readonly number: string;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** `0x5056432d49443032`: of a disk of Proxmox CSI, the slot it was plugged into. */
  readonly wwn?: string;
  readonly serial?: string;
  /** Of the file system on it: `ext4`. */
  readonly fsType?: string;
  readonly uuid?: string;
}

const COLUMNS = 'NAME,MAJ:MIN,TYPE,SIZE,RO,WWN,SERIAL,FSTYPE,UUID';

/** The node's whole disks. */
export function blockDevices(node: Host) {
  return defineRead<readonly BlockDevice[]>({
    asks: `Which disks does ${node.name} have?`,
    command: bounded(node, 8, ['lsblk', '--json', '--bytes', '--nodeps', '--output', COLUMNS]),
    answers: [0],
    parse: ({ stdout }) => parseBlockDevices(stdout),
  });
}

const text = z.string().nullable();
/** Before util-linux 2.33 numbers and booleans were texts. */
const size = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);
const flag = z.union([z.boolean(), z.enum(['0', '1']).transform((digit) => digit === '1')]);

const Listed = z.object({
  blockdevices: z
    .array(
      z.object({
        name: z.string(),
        'maj:min': z.string().transform((number) => number.trim()),
        type: z.string(),
        size,
        ro: flag,
        wwn: text,
        serial: text,
        fstype: text,
        uuid: text,
      }),
    )
    .min(1),
});

export function parseBlockDevices(json: string): BlockDevice[] {
  return Listed.parse(JSON.parse(json))
    .blockdevices.filter(({ type }) => type === 'disk')
    .map((each) => ({
      name: each.name,
      number: each['maj:min'],
      sizeBytes: each.size,
      readOnly: each.ro,
      ...(each.wwn !== null && { wwn: each.wwn }),
      ...(each.serial !== null && { serial: each.serial }),
      ...(each.fstype !== null && { fsType: each.fstype }),
      ...(each.uuid !== null && { uuid: each.uuid }),
    }));
}

/** A name under /dev/disk/by-id, and the device it leads to. */
export interface DeviceLink {
  /** `wwn-0x5056432d49443032` */
  readonly name: string;
  /** `sdc` */
  readonly device: string;
}

/** Every machine has some, if only that of the disk it boots from. */
export function byId(node: Host) {
  return defineRead<readonly DeviceLink[]>({
    asks: `Which names do the disks of ${node.name} have?`,
    command: on(node, 7_000, 'find', '/dev/disk/by-id', '-maxdepth', '1', '-type', 'l', '-printf', '%f %l\\n'),
    answers: [0],
    parse: ({ stdout }) => parseLinks(stdout),
  });
}

export function parseLinks(output: string): DeviceLink[] {
  const lines = linesOf(output);
  if (lines.length === 0) throw new Error('no disk has a name');
  return lines.map((line) => {
    const [, name, device] = /^(\S+) (?:\.\.\/)*([^/\s]+)$/.exec(line) ?? [];
    if (name === undefined || device === undefined) throw new Error(`not a link to a device: ${line}`);
    return { name, device };
  });
}

/** A mount of a disk: of the driver's staging directory (`…/globalmount`), of a pod, or of the node itself. */
export interface BlockMount {
  /** As the kernel numbers it, `8:32`: the link to the device, whatever that is called. */
  readonly number: string;
  readonly mountPoint: string;
  /** Which part of the file system: `/` unless it is a bind mount of a directory in it. */
  readonly root: string;
  readonly type: string;
  /** The name it had when it was mounted: `/dev/sdc`. */
  readonly source: string;
  /** Of this mount, as asked for. */
  readonly readOnly: boolean;
  /** Of the file system itself, as the kernel has it since an error. */
  readonly fileSystemReadOnly: boolean;
}

/** From the kernel's table, which touches no disk. */
export function blockMounts(node: Host) {
  return defineRead<readonly BlockMount[]>({
    asks: `Which disks does ${node.name} have mounted where?`,
    command: on(node, 7_000, 'cat', '/proc/self/mountinfo'),
    answers: [0],
    parse: ({ stdout }) => parseMountInfo(stdout),
  });
}

/** `36 35 8:32 / /mnt rw,relatime shared:1 - ext4 /dev/sdc rw`; number 0 is of file systems without a disk. */
export function parseMountInfo(table: string): BlockMount[] {
  const lines = linesOf(table);
  if (lines.length === 0) throw new Error('the table of mounts is empty');
  return lines.flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , number, root, mountPoint, options] = before.split(' ').map(unescapeOctal);
    const [type, source, superOptions] = after.split(' ').map(unescapeOctal);
    if (number === undefined || root === undefined || mountPoint === undefined || options === undefined)
      throw new Error(`not a mount: ${line}`);
    if (type === undefined || source === undefined || superOptions === undefined) throw new Error(`not a mount: ${line}`);
    if (!/^\d+:\d+$/.test(number)) throw new Error(`no number of a device: ${line}`);
    if (number.startsWith('0:')) return [];
    const has = (all: string, words: readonly string[]) => all.split(',').some((option) => words.includes(option));
    const fileSystemReadOnly = has(superOptions, GIVEN_UP);
    return [{ number, mountPoint, root, type, source, readOnly: has(options, ['ro']), fileSystemReadOnly }];
  });
}

/** Since Linux 6.15 ext4 tells so of a file system that it gave up, which it leaves mounted for writing. */
const GIVEN_UP: readonly string[] = ['ro', 'emergency_ro', 'shutdown'];

function unescapeOctal(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

export interface FileSystemUse {
  readonly mountPoint: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  /** What programs can still write; ext4 keeps some back for root. */
  readonly availableBytes: number;
  readonly inodes: number;
  readonly inodesUsed: number;
}

/** Of file systems on disks alone: df asks nothing of a share, which may never answer. */
export function fileSystemUse(node: Host) {
  return defineRead<readonly FileSystemUse[]>({
    asks: `How full are the disks of ${node.name}?`,
    command: boundedAsRoot(node, 8, [
      'df',
      '--block-size=1',
      '--type=ext4',
      '--type=xfs',
      '--output=size,used,avail,itotal,iused,target',
    ]),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => (exitCode === 0 ? parseUse(stdout) : noneUsed(stderr)),
  });
}

/** A host whose disks all have other file systems, as a hypervisor on ZFS. */
function noneUsed(stderr: string): FileSystemUse[] {
  if (/^df: no file systems processed\s*$/.test(stderr)) return [];
  throw new Error(stderr);
}

export function parseUse(table: string): FileSystemUse[] {
  const [header, ...rows] = linesOf(table);
  if (header === undefined || !/1B-blocks\s+Used\s+Avail\s+Inodes\s+IUsed/.test(header))
    throw new Error('no table of file systems');
  if (rows.length === 0) throw new Error('no file system at all');
  return rows.map((row) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\/.*)$/.exec(row);
    const [, sizeBytes, usedBytes, availableBytes, inodes, inodesUsed, mountPoint] = match ?? [];
    if (mountPoint === undefined) throw new Error(`not a file system: ${row}`);
    return {
      mountPoint,
      sizeBytes: Number(sizeBytes),
      usedBytes: Number(usedBytes),
      availableBytes: Number(availableBytes),
      inodes: Number(inodes),
      inodesUsed: Number(inodesUsed),
    };
  });
}

/** What the kernel said of a file system that it gave up: `EXT4-fs error (device sdc): … Detected aborted journal`. */
export interface FileSystemError {
  readonly device: string;
  readonly says: string;
}

/** Oldest first. */
export function fileSystemErrors(node: Host) {
  return defineRead<readonly FileSystemError[]>({
    asks: `Which errors of file systems did the kernel of ${node.name} report?`,
    command: asRoot(node, 7_000, 'journalctl', '--dmesg', '--lines=300', '--no-pager', '--output=short-iso'),
    answers: [0],
    parse: ({ stdout }) => parseFileSystemErrors(stdout),
  });
}

export function parseFileSystemErrors(log: string): FileSystemError[] {
  if (log.trim() === '') throw new Error('journalctl says "-- No entries --" where there are none, and it said nothing');
  return linesOf(log).flatMap((line) => {
    const [, says, device] =
      /((?:EXT4-fs(?: error)?|XFS) \((?:device )?([a-z0-9-]+)\).*(?:abort|read-only|shut ?down|error).*)$/i.exec(line) ?? [];
    return says === undefined || device === undefined ? [] : [{ device, says }];
  });
}
