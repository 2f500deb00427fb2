import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { boundedAsRoot } from './bounded.ts';

/** Somebody on a node has a disk, or a part of it, in use. */
export interface DiskUse {
  /** `sdc`, where it is of a partition as well. */
  readonly disk: string;
  /**
   * `mounted`: in the table of mounts of any process. `given`: the device itself is mounted at a path, as for a pod that has its volume
   * as a device. `open`: by a program. `held`: by LVM, dm-crypt or md. `loop`: under a loop device. `swap`: for swapping.
   */
  readonly how: 'mounted' | 'given' | 'open' | 'held' | 'loop' | 'swap';
  /** The path that the device is mounted at, or the device that holds it. */
  readonly by?: string;
}

export interface DiskUses {
  /** Of the node's network interfaces: `bc:24:11:00:02:03`. */
  readonly addresses: readonly string[];
  readonly uses: readonly DiskUse[];
}

/** Touches no disk and no share: /proc and /sys alone. Only root sees the files of others. */
export const USE_SCRIPT = [
  '[ -r /proc/1/fd ] || exit 1',
  'echo addresses; cat /sys/class/net/*/address',
  'echo partitions; cat /proc/partitions',
  'echo mounted; cut -d" " -f3 /proc/[0-9]*/mountinfo 2>/dev/null | sort -u',
  'echo given; grep -hs -e " - devtmpfs " /proc/[0-9]*/mountinfo | cut -d" " -f4,5 | sort -u',
  'echo open; find /proc/[0-9]*/fd -maxdepth 1 -lname "/dev/*" -printf "%l\\n" 2>/dev/null | sort -u',
  'echo held; for h in /sys/class/block/*/holders/*; do [ ! -e "$h" ] || echo "$h"; done',
  'echo loop; cat /sys/class/block/loop*/loop/backing_file 2>/dev/null',
  'echo swap; cut -d" " -f1 /proc/swaps',
  'echo end',
].join('; ');

/** Whoever uses the disks of a node outside of what its own table of mounts tells, and which machine the node is. */
export function diskUses(node: Host) {
  return defineRead<DiskUses>({
    asks: `Who uses the disks of ${node.name}?`,
    command: boundedAsRoot(node, 8, ['sh', '-c', USE_SCRIPT, 'storagebot']),
    answers: [0],
    parse: ({ stdout }) => parseUses(stdout),
  });
}

type Lines = (part: string) => readonly string[];

export function parseUses(output: string): DiskUses {
  const all = output.split('\n').filter((line) => line.trim() !== '');
  if (all.at(-1) !== 'end') throw new Error('it did not come to its end');
  const lines: Lines = (part) => linesAfter(all, part);
  const addresses = lines('addresses').map((line) => line.toLowerCase());
  if (addresses.length === 0) throw new Error('the node has no network interface');
  return { addresses, uses: usesIn(lines) };
}

const PARTS: readonly string[] = ['addresses', 'partitions', 'mounted', 'given', 'open', 'held', 'loop', 'swap', 'end'];

function linesAfter(all: readonly string[], part: string): readonly string[] {
  const start = all.indexOf(part);
  if (start < 0) throw new Error(`it says nothing of ${part}`);
  const rest = all.slice(start + 1);
  return rest.slice(
    0,
    rest.findIndex((line) => PARTS.includes(line)),
  );
}

function usesIn(lines: Lines): readonly DiskUse[] {
  const names = namesByNumber(lines('partitions'));
  const [header = '', ...swaps] = lines('swap');
  if (!header.startsWith('Filename')) throw new Error('no table of swaps');
  const mounted = lines('mounted').map((line) => parsed(/^(\d+:\d+)$/, line));
  if (mounted.length === 0) throw new Error('no process has a table of mounts');
  return [
    ...mounted.map(([number = '']) => ({ device: names.get(number), how: 'mounted' as const })),
    ...lines('given')
      .map((line) => parsed(/^(\/\S*) (\/\S*)$/, line))
      .map(([root = '', by = '']) => ({ device: root.slice(1), how: 'given' as const, by })),
    ...lines('open').map((line) => ({ device: parsed(/^\/dev\/(.+)$/, line)[0], how: 'open' as const })),
    ...lines('held')
      .map((line) => parsed(/^\/sys\/class\/block\/([^/]+)\/holders\/([^/]+)$/, line))
      .map(([device, by = '']) => ({ device, how: 'held' as const, by })),
    ...lines('loop').map((line) => ({ device: /^\/dev\/(.+)$/.exec(line)?.[1], how: 'loop' as const })),
    ...swaps.map((line) => ({ device: /^\/dev\/(\S+)/.exec(line)?.[1], how: 'swap' as const })),
  ].flatMap(({ device, ...use }) => {
    const disk = wholeDisk(device, [...names.values()]);
    return disk === undefined ? [] : [{ disk, ...use }];
  });
}

function parsed(form: RegExp, line: string): readonly string[] {
  const match = form.exec(line);
  if (match === null) throw new Error(`of no known form: ${line}`);
  return match.slice(1);
}

/** ` 8       33  1048576 sdc1` under a header. */
function namesByNumber([header = '', ...rows]: readonly string[]): ReadonlyMap<string, string> {
  if (!/^major minor\s+#blocks\s+name$/.test(header) || rows.length === 0) throw new Error('no table of disks');
  return new Map(
    rows.map((row) => {
      const [major, minor, name = ''] = parsed(/^\s*(\d+)\s+(\d+)\s+\d+\s+(\S+)$/, row);
      return [`${major}:${minor}`, name];
    }),
  );
}

/** `sdc` of `sdc` and of `sdc1`; undefined for what is no disk, as a terminal. */
function wholeDisk(device: string | undefined, names: readonly string[]): string | undefined {
  const name = device?.split(' ', 1)[0];
  if (name === undefined || !names.includes(name)) return undefined;
  return names.find((each) => name.startsWith(each) && /^p?\d+$/.test(name.slice(each.length))) ?? name;
}
