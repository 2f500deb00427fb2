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
  if (args.join(' ') !== '/proc/mounts') return controlGroup(call, path) ?? fail(1, `cat: ${path}: No such file or directory`);
  const mounts = call.machine.kind === 'node' ? call.machine.node.mounts : [];
  const rows = mounts.map(({ mountPoint, nfs, volume }, index) => {
    const at = escaped(mountPoint);
    if (nfs === undefined) return `/dev/disk/by-id/${volume.slice(0, 12)}${index} ${at} ext4 rw,relatime 0 0`;
    return `${escaped(`${nfs.server}:${nfs.path}`)} ${at} ${nfs.version === '3' ? 'nfs' : 'nfs4'} ${nfs.options} 0 0`;
  });
  return ok(lines([...SYSTEM_MOUNTS, ...rows, ...ownMounts(call)]));
}

/** What the host itself has mounted, for no pod. */
function ownMounts({ machine, world }: Call): readonly string[] {
  return machine.kind === 'node' ? machine.node.ownMounts : machine.kind === 'hypervisor' ? world.hypervisor.ownMounts : [];
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
