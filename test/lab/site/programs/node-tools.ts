import { deviceNumber } from '../disk-names.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { controlGroup } from './port-holders.ts';

export const nodeTools: Readonly<Record<string, Program>> = {
  cat: { run: runCat },
  journalctl: { run: runJournalctl },
};

const SYSTEM_MOUNTS = [
  'sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0',
  'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0',
  'udev /dev devtmpfs rw,nosuid,relatime,size=12254676k,nr_inodes=3063669,mode=755,inode64 0 0',
  '/dev/sda1 / ext4 rw,relatime,discard,errors=remount-ro 0 0',
  'tmpfs /run tmpfs rw,nosuid,nodev,noexec,relatime,size=2456468k,mode=755,inode64 0 0',
  'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0',
  'sunrpc /run/rpc_pipefs rpc_pipefs rw,relatime 0 0',
];

function runCat(call: Call, args: readonly string[]): Answer {
  const [path = ''] = args;
  if (args.length === 1 && path === '/proc/mounts') return ok(lines(mountRows(call)));
  if (args.length === 1 && path === '/proc/self/mountinfo') return ok(lines(mountRows(call).map(mountInfo)));
  return controlGroup(call, path) ?? fail(1, `cat: ${path}: No such file or directory`);
}

/** A row of /proc/mounts in the words of /proc/self/mountinfo. A file system that its kernel gave up is read-only under a mount that is not. */
function mountInfo(row: string, index: number): string {
  const [source = '', mountPoint = '', type = '', options = ''] = row.split(' ');
  const isVolume = source.startsWith('/dev/mapper/');
  const isDisk = isVolume || source.startsWith('/dev/sd');
  const number = isVolume ? `253:${20 + index}` : isDisk ? deviceNumber(source) : `0:${20 + index}`;
  const own = options.split(',').filter((option) => ['rw', 'ro', 'nosuid', 'nodev', 'noexec', 'relatime'].includes(option));
  const mount = isDisk ? ['rw', ...own.slice(1)] : own;
  const rest = options.split(',').filter((option) => !own.slice(1).includes(option));
  return `${24 + index} 1 ${number} / ${mountPoint} ${mount.join(',')} shared:${1 + index} - ${type} ${source} ${rest.join(',')}`;
}

function mountRows(call: Call): readonly string[] {
  const { mounts, staged } = call.machine.kind === 'node' ? call.machine.node : { mounts: [], staged: [] };
  const disks = staged.map(
    (each) => `${each.device} ${each.mountPoint} ext4 ${each.readOnly === true ? 'ro' : 'rw'},relatime 0 0`,
  );
  const rows = mounts.flatMap(({ mountPoint, nfs, device, readOnly }) => {
    const at = escaped(mountPoint);
    if (device !== undefined) return `${device} ${at} ext4 ${readOnly === true ? 'ro' : 'rw'},relatime 0 0`;
    if (nfs === undefined) return [];
    return `${escaped(`${nfs.server}:${nfs.path}`)} ${at} ${nfs.version === '3' ? 'nfs' : 'nfs4'} ${nfs.options} 0 0`;
  });
  return [...SYSTEM_MOUNTS, ...disks, ...rows, ...ownMounts(call)];
}

/** What the host itself has mounted, for no pod. */
function ownMounts({ machine, world }: Call): readonly string[] {
  if (machine.kind === 'node') return machine.node.ownMounts;
  if (machine.kind !== 'hypervisor') return [];
  const { hostMounts, ownMounts: others } = world.hypervisor;
  const own = hostMounts.map(
    ({ mountPoint, volume }) => `/dev/mapper/pve-${volume.replaceAll('-', '--')} ${mountPoint} ext4 rw,relatime 0 0`,
  );
  return [...own, ...others];
}

function escaped(path: string): string {
  return path.replaceAll(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function runJournalctl(call: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== '--dmesg --lines=300 --no-pager --output=short-iso') return usage('journalctl', 'unrecognized option');
  if (!call.isRoot) return fail(1, 'No journal files were opened due to insufficient permissions.');
  const log = call.machine.kind === 'node' ? call.machine.node.kernelLog.slice(-300) : [];
  return ok(lines(log.length === 0 ? ['-- No entries --'] : log));
}
