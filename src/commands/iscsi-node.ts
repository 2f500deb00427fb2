import type { Host } from '../core/command.ts';
import { asRoot, defineRead, on } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import { secondsOf } from './node-system.ts';

/** One fact of the kernel's log about iSCSI or a disk. */
export type KernelFact =
  | { readonly is: 'ping-timeout'; readonly connection: string; readonly afterS: number }
  | { readonly is: 'connection-error'; readonly connection: string; readonly code: number }
  | { readonly is: 'recovery-timeout'; readonly sid: number; readonly afterS: number }
  /** Reads or writes of the disk failed; `no-space`: because the server had no room for them. */
  | { readonly is: 'io-error' | 'no-space'; readonly disk: string }
  /** The file system gave up its journal: nothing is written any more, also where the table of mounts says `rw`. */
  | { readonly is: 'aborted'; readonly disk: string }
  | { readonly is: 'attached' | 'mounted'; readonly disk: string };

/** What the kernel lately said, oldest first. */
export function iscsiKernelFacts(node: Host) {
  return defineRead<readonly KernelFact[]>({
    asks: `What did the kernel of ${node.name} say about iSCSI and its disks?`,
    command: asRoot(node, 7_000, 'journalctl', '--dmesg', '--lines=300', '--no-pager', '--output=short-iso'),
    answers: [0],
    parse: ({ stdout }) => parseKernelFacts(stdout),
  });
}

export function parseKernelFacts(text: string): KernelFact[] {
  if (text.trim() === '') throw new Error('journalctl says "-- No entries --" where there are none, and it said nothing');
  return linesOf(text).flatMap((line) => connectionFact(line) ?? diskFact(line) ?? []);
}

function connectionFact(line: string): KernelFact | undefined {
  const [, connection = '', said = ''] = /connection(\d+:\d+): (.*)$/.exec(line) ?? [];
  const ping = /^ping timeout of (\d+) secs expired/.exec(said)?.[1];
  if (ping !== undefined) return { is: 'ping-timeout', connection, afterS: Number(ping) };
  const code = /^detected conn error \((\d+)\)/.exec(said)?.[1];
  if (code !== undefined) return { is: 'connection-error', connection, code: Number(code) };
  const [, sid, seconds] = /session(\d+): session recovery timed out after (\d+) secs/.exec(line) ?? [];
  return sid === undefined ? undefined : { is: 'recovery-timeout', sid: Number(sid), afterS: Number(seconds) };
}

const DISK_FACTS: readonly (readonly [RegExp, 'io-error' | 'no-space' | 'aborted' | 'attached' | 'mounted'])[] = [
  [/critical space allocation error, dev (sd[a-z]+)/, 'no-space'],
  [/(?:I\/O error,|Buffer I\/O error on) dev (sd[a-z]+)/, 'io-error'],
  [/JBD2: (?:Detected IO errors|I\/O error when).* (?:on|for) (sd[a-z]+)\d*-\d+/, 'io-error'],
  [/EXT4-fs \((sd[a-z]+)\d*\): I\/O error while writing superblock/, 'io-error'],
  [/Aborting journal on device (sd[a-z]+)\d*-\d+/, 'aborted'],
  [/EXT4-fs error \(device (sd[a-z]+)\d*\)/, 'aborted'],
  [/XFS \((sd[a-z]+)\d*\): .*(?:Shutting down filesystem|Filesystem has been shut down)/, 'aborted'],
  [/EXT4-fs \((sd[a-z]+)\d*\): (?:Remounting filesystem read-only|shut ?down requested)/, 'aborted'],
  [/\[(sd[a-z]+)\] Attached SCSI disk/, 'attached'],
  [/EXT4-fs \((sd[a-z]+)\d*\): mounted filesystem/, 'mounted'],
  [/XFS \((sd[a-z]+)\d*\): Mounting V\d Filesystem/, 'mounted'],
];

function diskFact(line: string): KernelFact | undefined {
  for (const [text, is] of DISK_FACTS) {
    const disk = text.exec(line)?.[1];
    if (disk !== undefined) return { is, disk };
  }
  return undefined;
}

/** What is true of this disk since it was last attached or mounted. */
export function sinceAttached(facts: readonly KernelFact[], disk: string): readonly KernelFact['is'][] {
  const own = facts.filter((fact) => 'disk' in fact && fact.disk === disk).map(({ is }) => is);
  return own.slice(own.findLastIndex((is) => is === 'attached' || is === 'mounted') + 1);
}

/** One line of the initiator's daemon. */
export type DaemonFact = (
  | { readonly is: 'error'; readonly connection: string; readonly says: string }
  | { readonly is: 'recovered'; readonly connection: string }
  | { readonly is: 'operational' | 'shutdown'; readonly iqn: string }
  | { readonly is: 'cannot-connect'; readonly portal: string; readonly says: string }
  /** CHAP or the server's list of initiators. Which target is not always said. */
  | { readonly is: 'login-refused' | 'target-unknown'; readonly iqn?: string }
) & {
  /** Seconds since 1970; absent where the line has no whole date. */
  readonly atS?: number;
};

export function iscsidLog(node: Host) {
  return defineRead<readonly DaemonFact[]>({
    asks: `What did iscsid of ${node.name} log in the last two hours?`,
    command: asRoot(node, 7_000, 'journalctl', '--unit=iscsid', '--since=-2h', '--no-pager', '--output=short-iso'),
    answers: [0],
    parse: ({ stdout }) => parseDaemonFacts(stdout),
  });
}

export function parseDaemonFacts(text: string): DaemonFact[] {
  if (text.trim() === '') throw new Error('journalctl says "-- No entries --" where there are none, and it said nothing');
  return linesOf(text).flatMap((line) => {
    const fact = daemonFact(line);
    const atS = secondsOf(line);
    return fact === undefined ? [] : [{ ...fact, ...(atS !== undefined && { atS }) }];
  });
}

function daemonFact(line: string): DaemonFact | undefined {
  const error = /Kernel reported iSCSI connection (\d+:\d+) error \((.*)\) state/.exec(line);
  if (error?.[1] !== undefined) return { is: 'error', connection: error[1], says: error[2] ?? '' };
  const recovered = /connection(\d+:\d+) is operational after recovery/.exec(line)?.[1];
  if (recovered !== undefined) return { is: 'recovered', connection: recovered };
  const [, iqn, state] = /\[target: (\S+), portal: .*\] through .* is (operational now|shutdown)/.exec(line) ?? [];
  if (iqn !== undefined) return { is: state === 'shutdown' ? 'shutdown' : 'operational', iqn };
  const [, portal, says] = /connect to (\S+) failed \((.*)\)/.exec(line) ?? [];
  if (portal !== undefined) return { is: 'cannot-connect', portal, says: says ?? '' };
  const refused = /Login failed to authenticate with target ?(\S*)/.exec(line);
  if (refused !== null) return { is: 'login-refused', ...(refused[1] && { iqn: refused[1] }) };
  if (/login rejected: .*(?:authenticat|authoriz)/i.test(line)) return { is: 'login-refused' };
  return /login rejected: .*target not found/i.test(line) ? { is: 'target-unknown' } : undefined;
}

/** A file system on a disk, as the kernel has it mounted. */
export interface DiskMount {
  /** `sda`. */
  readonly disk: string;
  readonly mountPoint: string;
  readonly isReadOnly: boolean;
}

/** Each place where a file system on one of the SCSI disks is mounted; a bind mount is a place of its own. */
export function diskMounts(node: Host) {
  return defineRead<readonly DiskMount[]>({
    asks: `Where does ${node.name} mount its disks?`,
    command: on(node, 7_000, 'cat', '/proc/mounts'),
    answers: [0],
    parse: ({ stdout }) => parseDiskMounts(stdout),
  });
}

export function parseDiskMounts(text: string): DiskMount[] {
  const lines = linesOf(text);
  if (lines.length === 0) throw new Error('the table of mounts is empty');
  return lines.flatMap((line) => {
    const [source = '', mountPoint, type, options] = line.split(' ');
    if (mountPoint === undefined || type === undefined || options === undefined) throw new Error(`not a mount: ${line}`);
    const disk = /^\/dev\/(sd[a-z]+)\d*$/.exec(source)?.[1];
    return disk === undefined ? [] : [{ disk, mountPoint, isReadOnly: options.split(',').includes('ro') }];
  });
}

/** Processes that have the disk itself open, mounted or not. */
export function openersOf(node: Host, disk: string) {
  return defineRead<readonly number[]>({
    asks: `Which processes of ${node.name} have ${disk} open?`,
    command: boundedAsRoot(node, 5, ['fuser', deviceOf(disk)]),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      // It prints the device and how it is open to standard error, the numbers alone to standard output.
      if (exitCode === 1 && (stdout + stderr).trim() === '') return [];
      if (exitCode !== 0 || !/^\s*\d+(\s+\d+)*\s*$/.test(stdout)) throw new Error(stdout + stderr);
      return stdout.trim().split(/\s+/).map(Number);
    },
  });
}

function deviceOf(disk: string): string {
  if (/^sd[a-z]{1,4}$/.test(disk)) return `/dev/${disk}`;
  throw new Refusal('bad-request', `${JSON.stringify(disk.slice(0, 100))} is no SCSI disk, as sda is`);
}

/** What the superblock says. A file system that was unmounted in order, or checked since, is clean and needs no recovery. */
export interface FileSystemState {
  readonly isClean: boolean;
  readonly needsRecovery: boolean;
}

/** Reads the superblock and nothing else; of a disk that holds no ext file system the answer is that there is none. */
export function fileSystemState(node: Host, disk: string) {
  return defineRead<{ readonly found?: FileSystemState }>({
    asks: `Was the file system on ${disk} of ${node.name} left in order?`,
    command: boundedAsRoot(node, 5, ['dumpe2fs', '-h', deviceOf(disk)]),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 0) return { found: parseFileSystemState(stdout) };
      if (/Bad magic number in super-block/.test(stderr)) return {};
      throw new Error(stderr);
    },
  });
}

export function parseFileSystemState(text: string): FileSystemState {
  const field = (name: string) => new RegExp(`^${name}:\\s+(.+)$`, 'm').exec(text)?.[1];
  const [features, state] = [field('Filesystem features'), field('Filesystem state')];
  if (features === undefined || state === undefined) throw new Error('no superblock of ext2, 3 or 4');
  return { isClean: state.trim() === 'clean', needsRecovery: features.split(/\s+/).includes('needs_recovery') };
}
