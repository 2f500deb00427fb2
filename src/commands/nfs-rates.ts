import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { bounded, linesOf } from './bounded.ts';
import { samplesOf } from './samples.ts';

const TWO_LOOKS = 'cat /proc/uptime /proc/self/mountstats && sleep 3 && cat /proc/uptime /proc/self/mountstats';

/**
 * What the NFS client did between two looks. The kernel counts per file system of the server: all mounts of one file system on one
 * node have the same counters, so that they are one here.
 */
export interface FileSystemRates {
  readonly server: string;
  /** Paths on the server that are mounted from it. */
  readonly paths: readonly string[];
  readonly mountPoints: readonly string[];
  readonly opsPerS: number;
  readonly readKBPerS: number;
  readonly writeKBPerS: number;
  /** Of these operations so many per cent were sent again. */
  readonly retransPercent: number;
  /** Mean of all operations in between; absent where there was none. */
  readonly times?: { readonly rttMs: number; readonly exeMs: number };
}

/**
 * Three seconds of the node's NFS client. Not on a node where a process waits in the NFS client (see `processesOf`): whoever reads
 * these files may wait with it, beyond any signal.
 */
export function mountRates(node: Host) {
  return defineRead<readonly FileSystemRates[]>({
    asks: `How fast do NFS servers answer ${node.name}?`,
    command: bounded(node, 8, ['sh', '-c', TWO_LOOKS, 'storagebot']),
    answers: [0],
    parse: ({ stdout }) => parseMountRates(stdout),
  });
}

export function parseMountRates(text: string): FileSystemRates[] {
  const [first, second] = samplesOf(text);
  const seconds = second.uptimeS - first.uptimeS;
  const before = new Map(mountsIn(first.text).map((mount) => [mount.key, mount]));
  const changes = mountsIn(second.text).flatMap((now) => {
    const earlier = before.get(now.key);
    return earlier === undefined || isNewer(now, earlier) ? [] : [{ now, earlier }];
  });
  return superblocksOf(changes).map((group) => ratesOf(group, seconds));
}

/** Mounts with the same counters at both looks, or nearly so: they count on while the kernel prints one mount after the other. */
function superblocksOf(changes: readonly Pair[]): readonly Pair[][] {
  const groups: Pair[][] = [];
  for (const pair of changes) {
    const own = groups.find(([first]) => first !== undefined && isOneSuperblock(first, pair));
    if (own === undefined) groups.push([pair]);
    else own.push(pair);
  }
  return groups;
}

const WHILE_PRINTING = 0.1;
const COUNTED = ['readBytes', 'writtenBytes', 'ops', 'sent', 'rttMs', 'exeMs'] as const;

function isOneSuperblock(one: Pair, other: Pair): boolean {
  const isNear = (field: (typeof COUNTED)[number]) => {
    const mayDiffer = WHILE_PRINTING * (one.now.counters[field] - one.earlier.counters[field]);
    const differs = (look: keyof Pair) => Math.abs(one[look].counters[field] - other[look].counters[field]);
    return differs('now') <= mayDiffer && differs('earlier') <= mayDiffer;
  };
  return one.now.server === other.now.server && COUNTED.every(isNear);
}

interface Counters {
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly ops: number;
  readonly sent: number;
  readonly rttMs: number;
  readonly exeMs: number;
}

interface Mounted {
  readonly key: string;
  readonly server: string;
  readonly path: string;
  readonly mountPoint: string;
  readonly counters: Counters;
}

type Pair = { readonly now: Mounted; readonly earlier: Mounted };

function isNewer(now: Mounted, earlier: Mounted): boolean {
  return now.counters.ops < earlier.counters.ops || now.counters.readBytes < earlier.counters.readBytes;
}

function ratesOf(group: readonly Pair[], seconds: number): FileSystemRates {
  const [pair] = group;
  if (pair === undefined) throw new Error('a group has members');
  const { server, counters: now } = pair.now;
  const then = pair.earlier.counters;
  const ops = now.ops - then.ops;
  const perOp = (total: number) => total / ops;
  return {
    server,
    paths: [...new Set(group.map((each) => each.now.path))].toSorted(),
    mountPoints: group.map((each) => each.now.mountPoint),
    opsPerS: ops / seconds,
    readKBPerS: (now.readBytes - then.readBytes) / 1024 / seconds,
    writeKBPerS: (now.writtenBytes - then.writtenBytes) / 1024 / seconds,
    retransPercent: ops === 0 ? 0 : (100 * Math.max(0, now.sent - then.sent - ops)) / ops,
    ...(ops > 0 && { times: { rttMs: perOp(now.rttMs - then.rttMs), exeMs: perOp(now.exeMs - then.exeMs) } }),
  };
}

const DEVICE = /^(?:no device|device (\S+)) mounted on (\S+) with fstype (\S+)(?: statvers=(\d+\.\d+))?$/;

function mountsIn(text: string): Mounted[] {
  const blocks = text.split(/^(?=(?:no )?device )/m);
  if (blocks[0]?.trim() !== '' && !DEVICE.test(linesOf(blocks[0] ?? '')[0] ?? '')) throw new Error('no list of mounts');
  const mounts = blocks.filter((block) => block.trim() !== '');
  if (mounts.length === 0) throw new Error('the list of mounts is empty');
  return mounts.flatMap((block) => mountIn(linesOf(block)));
}

function mountIn([head = '', ...rows]: readonly string[]): Mounted[] {
  const [, device, mountPoint, type, version] = DEVICE.exec(head) ?? [];
  if (mountPoint === undefined || type === undefined) throw new Error(`not a mount: ${head}`);
  if (type !== 'nfs' && type !== 'nfs4') return [];
  if (version !== '1.0' && version !== '1.1') throw new Error(`statistics of the unknown version ${version}`);
  const source = unescapeOctal(device ?? '');
  const colon = source.indexOf(':/');
  if (colon < 0) throw new Error(`not an NFS source: ${source}`);
  const server = source.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const path = source.slice(colon + 1);
  const at = unescapeOctal(mountPoint);
  return [{ key: `${source} ${at}`, server, path, mountPoint: at, counters: countersOf(rows) }];
}

const PER_OP = /^\s*[A-Z][A-Z0-9_]*: (\d+(?: \d+){7,8})$/;

/** Of `bytes:` the last but three and two are what went to and came from the server. */
function countersOf(rows: readonly string[]): Counters {
  const bytes = rows.map((row) => /^\tbytes:\s+(\d+(?: \d+){7}) ?$/.exec(row)?.[1]).find((found) => found !== undefined);
  const operations = rows.slice(rows.findIndex((row) => row.trim() === 'per-op statistics') + 1).map(operationIn);
  if (bytes === undefined || operations.length === 0) throw new Error('a mount without statistics');
  const [, , , , readBytes = 0, writtenBytes = 0] = bytes.split(' ').map(Number);
  const sum = (column: number) => operations.reduce((total, figures) => total + (figures[column] ?? 0), 0);
  return { readBytes, writtenBytes, ops: sum(0), sent: sum(1), rttMs: sum(6), exeMs: sum(7) };
}

function operationIn(row: string): readonly number[] {
  const figures = PER_OP.exec(row)?.[1];
  if (figures === undefined) throw new Error(`not the statistics of an operation: ${row}`);
  return figures.split(' ').map(Number);
}

function unescapeOctal(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
