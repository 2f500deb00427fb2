import type { Host } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import { lvmName } from './logical-volumes.ts';
import type { StartedWork } from './work-unit.ts';
import { unitWork } from './work-unit.ts';

/** A claim, as the backup of its files names its directory. */
export interface CopiedClaim {
  /** Where the copies lie: `/mnt/backup/pvc-data`, with a directory for each week, namespace and claim below it. */
  readonly root: string;
  readonly namespace: string;
  readonly claim: string;
}

/** The weeks, as `2026-14`, of which there are files of this claim, the oldest first. */
export function copiedWeeks(hypervisor: Host, { root, namespace, claim }: CopiedClaim) {
  const tests = ['-mindepth', '3', '-maxdepth', '3', '-type', 'd', '-name', requireLabel(claim)] as const;
  return defineRead<readonly string[]>({
    asks: `Of which weeks has ${hypervisor.name} copies of the files of ${namespace}/${claim}?`,
    command: boundedAsRoot(hypervisor, 8, ['find', operand(root), ...tests]),
    answers: [0],
    parse: ({ stdout }) => {
      const below = linesOf(stdout).map((path) => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : unreadable(path)));
      const paths = below.map((path) => /^([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) ?? unreadable(path));
      const own = paths.filter(([, , ofNamespace, name]) => ofNamespace === namespace && name === claim);
      return own.flatMap(([, week = '']) => (WEEK.test(week) ? [week] : [])).toSorted();
    },
  });
}

export const WEEK = /^\d{4}-\d{2}$/;

function unreadable(path: string): never {
  throw new Error(path);
}

/** The directory of one week. */
export function copyPath({ root, namespace, claim }: CopiedClaim, week: string): string {
  return [root, week, requireLabel(namespace), requireLabel(claim)].join('/');
}

/** Names of namespaces and claims. */
function requireLabel(name: string): string {
  if (name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) return name;
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} is no name of a namespace or claim`);
}

/** `ext4`, `crypto_LUKS` …, read from the device; `nothing` where blkid knows nothing of what is in it. */
export function contentOf(hypervisor: Host, { vg, name }: { readonly vg: string; readonly name: string }) {
  const device = `/dev/${lvmName(vg)}/${lvmName(name)}`;
  return defineRead<string>({
    asks: `What is on ${vg}/${name}?`,
    command: boundedAsRoot(hypervisor, 8, ['blkid', '-p', '-s', 'TYPE', '-o', 'value', device]),
    answers: [0, 2],
    parse: ({ exitCode, stdout, stderr }) => {
      const found = stdout.trim();
      if (exitCode === 0 && /^[\w-]+$/.test(found)) return found;
      if (exitCode === 2 && found === '' && stderr === '') return 'nothing';
      throw new Error(stderr || stdout);
    },
  });
}

/**
 * `$1` the device, `$2` the files, `$3` a directory that nobody else uses, `$4` a tag and `$5` the volume that gets it once all is there.
 * What is on the volume and not among the files is deleted there, before anything is written. That a thin pool was full, or a disk bad,
 * rsync does not notice: the kernel writes after it has ended. So the file system is checked, and all is read again and compared.
 */
export const FILL_SCRIPT =
  'set -eu; found=$(find "$2" -xdev -type f -print -quit); [ -n "$found" ]; lvchange -ay "$5"; mkdir -m 0700 "$3"; mount -t ext4 -o nodev,nosuid,noexec "$1" "$3"; rsync -aHAX --numeric-ids --delete-before --exclude=/lost+found "$2/" "$3/"; sync -f "$3"; umount "$3"; e2fsck -fn "$1"; mount -t ext4 -o ro,nodev,nosuid,noexec "$1" "$3"; rest=$(rsync -aHAX --numeric-ids --delete --exclude=/lost+found --checksum --dry-run --itemize-changes "$2/" "$3/"); umount "$3"; [ -z "$rest" ]; rmdir "$3"; lvchange --addtag "$4" "$5"';

interface Filling {
  /** From `workNamed`; the directory of the mount has it too. */
  readonly name: string;
  readonly deadlineS: number;
  readonly vg: string;
  readonly volume: string;
  readonly from: string;
  readonly tag: string;
}

/** Its mounts are its own, and gone with its last process, however that ends: none stays behind that keeps the volume open. */
const ALONE = ['unshare', '--mount'] as const;

/** Makes what is on a volume equal to a copy of its files, as work of the hypervisor. */
export function fillVolume(hypervisor: Host, { name, deadlineS, vg, volume, from, tag }: Filling): StartedWork {
  const path = `${lvmName(vg)}/${lvmName(volume)}`;
  const words = [`/dev/${path}`, operand(from), `/run/${name}`, lvmName(tag), path] as const;
  return unitWork(hypervisor, {
    name,
    deadlineS,
    risk: 'high',
    argv: [...ALONE, 'sh', '-c', FILL_SCRIPT, 'storagebot', ...words],
  });
}
