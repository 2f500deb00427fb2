import type { Host, Risk } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import type { Flavour } from './nas.ts';
import { daemonWork } from './work-daemon.ts';
import type { StartedWork } from './work-unit.ts';
import { unitWork } from './work-unit.ts';
import { requireDataset, requireShort } from './zfs-snapshots.ts';

/** One dataset as ZFS describes it; a size is in bytes. */
export interface DatasetProperties {
  readonly type: 'filesystem' | 'volume';
  readonly isMounted: boolean;
  /** A path, `none`, `legacy`, or `-` for a volume. */
  readonly mountPoint: string;
  readonly usedBytes: number;
  readonly availableBytes: number;
  readonly isEncrypted: boolean;
  readonly isReadOnly: boolean;
  /** Whether `readonly` was set on this dataset itself. */
  readonly ownReadOnly: boolean;
  /** What was set, on this dataset or one above it, of all that a copy needs to behave alike, as `name=value`. */
  readonly own: readonly string[];
}

/** What a dataset is; absent where there is none of that name. */
export function propertiesOf(nas: Host, dataset: string) {
  return defineRead<{ readonly found?: DatasetProperties }>({
    asks: `What is the dataset ${dataset} of ${nas.name}?`,
    command: boundedAsRoot(nas, 4, ['zfs', 'get', '-H', '-p', '-o', 'property,value,source', 'all', requireDataset(dataset)]),
    answers: [0, 1],
    parse: (output) => (isMissing(output, dataset) ? {} : { found: parseProperties(output.stdout) }),
  });
}

/** Throws for any other failure. */
function isMissing({ exitCode, stderr }: Output, dataset: string): boolean {
  if (exitCode === 0) return false;
  if (stderr.trim() === `cannot open '${dataset}': dataset does not exist`) return true;
  throw new Error(stderr);
}

/** Sizes and places of the copy are its own; these decide how it behaves. */
const CARRIED = [
  'recordsize',
  'compression',
  'atime',
  'relatime',
  'xattr',
  'acltype',
  'aclmode',
  'aclinherit',
  'quota',
  'refquota',
  'sync',
  'copies',
  'snapdir',
];

/** The dataset above the copy may be set otherwise: what this one inherits is what it is used to. */
function isSet(source = ''): boolean {
  return source === 'local' || source === 'received' || source.startsWith('inherited from ');
}

export function parseProperties(text: string): DatasetProperties {
  const rows = linesOf(text).map((line) => line.split('\t'));
  const rowOf = (name: string) => rows.find(([property]) => property === name) ?? [];
  const value = (name: string) => rowOf(name)[1] ?? missing(name);
  const bytes = (name: string) => (/^\d+$/.test(value(name)) ? Number(value(name)) : missing(name));
  const type = value('type');
  if (type !== 'filesystem' && type !== 'volume') throw new Error(`neither file system nor volume: ${type}`);
  const isVolume = type === 'volume';
  const own = rows.filter(([name = '', , source]) => CARRIED.includes(name) && isSet(source));
  return {
    type,
    isMounted: !isVolume && value('mounted') === 'yes',
    mountPoint: isVolume ? '-' : value('mountpoint'),
    usedBytes: bytes('used'),
    availableBytes: bytes('available'),
    // Pools from before encryption do not name it.
    isEncrypted: (rowOf('encryption')[1] ?? 'off') !== 'off',
    isReadOnly: value('readonly') === 'on',
    ownReadOnly: rowOf('readonly')[2] === 'local',
    own: own.map(([name, set = '']) => `${name}=${/^[\w.+-]+$/.test(set) ? set : missing(name ?? '')}`),
  };
}

function missing(name: string): never {
  throw new Error(`zfs get does not tell ${name}`);
}

/** File systems and volumes below this one. */
export function childrenOf(nas: Host, dataset: string) {
  return defineRead<readonly string[]>({
    asks: `Which datasets does ${dataset} hold?`,
    command: boundedAsRoot(nas, 4, ['zfs', 'list', '-H', '-r', '-t', 'filesystem,volume', '-o', 'name', requireDataset(dataset)]),
    answers: [0, 1],
    parse: (output) => {
      if (isMissing(output, dataset)) return [];
      const names = linesOf(output.stdout);
      if (!names.includes(dataset)) throw new Error(`the list lacks ${dataset}`);
      return names.filter((name) => name !== dataset);
    },
  });
}

/** Bytes that were written to the dataset since this snapshot of it. */
export function writtenSince(nas: Host, dataset: string, short: string) {
  const property = `written@${requireShort(short)}`;
  return defineRead<number>({
    asks: `How much was written to ${dataset} since ${short}?`,
    command: boundedAsRoot(nas, 4, ['zfs', 'get', '-H', '-p', '-o', 'value', property, requireDataset(dataset)]),
    answers: [0],
    parse: ({ stdout }) => {
      if (!/^\d+\s*$/.test(stdout)) throw new Error(`not a size: ${stdout.trim()}`);
      return Number(stdout);
    },
  });
}

/** A pipe ends as its last program does: what the first one says is asked for by itself, in any POSIX shell. */
const piped = (send: string, receive: string) =>
  `failed=$( { { ${send} || echo yes >&3; } | ${receive} >&2; } 3>&1 ) && [ -z "$failed" ]`;

export const FULL_SCRIPT = `from=$1; shift; ${piped('zfs send "$from"', 'zfs receive -u "$@"')}`;
export const SINCE_SCRIPT = piped('zfs send -i "$1" "$2"', 'zfs receive -u "$3"');

export interface Copy {
  /** From `workNamed`. */
  readonly name: string;
  readonly source: string;
  /** What follows the "@" of the snapshot that is copied. */
  readonly short: string;
  readonly target: string;
  readonly deadlineS: number;
  readonly risk: Risk;
}

/** A copy of a snapshot as a new dataset, which is not mounted: zfs refuses where there is one of that name. */
export function copyDataset(nas: Host, flavour: Flavour, copy: Copy & { readonly own: readonly string[] }): StartedWork {
  const { source, short, target, own } = copy;
  const options = own.flatMap((property) => ['-o', property]);
  const from = `${requireDataset(source)}@${requireShort(short)}`;
  return workOn(nas, flavour, {
    ...copy,
    argv: ['sh', '-c', FULL_SCRIPT, 'storagebot', from, ...options, requireDataset(target)],
  });
}

/** Brings a copy up to date with a later snapshot. Without -F, zfs itself refuses a copy that anybody wrote to. */
export function updateCopy(nas: Host, flavour: Flavour, copy: Copy & { readonly since: string }): StartedWork {
  const { source, short, since, target } = copy;
  const from = requireDataset(source);
  const snapshots = [`${from}@${requireShort(since)}`, `${from}@${requireShort(short)}`];
  return workOn(nas, flavour, { ...copy, argv: ['sh', '-c', SINCE_SCRIPT, 'storagebot', ...snapshots, requireDataset(target)] });
}

function workOn(nas: Host, flavour: Flavour, work: Parameters<typeof unitWork>[1]): StartedWork {
  return flavour === 'core' ? daemonWork(nas, work) : unitWork(nas, work);
}

/** Keeps writers out of a dataset, or lets them in again. */
export function setReadOnly(nas: Host, dataset: string, isReadOnly: boolean) {
  const value = `readonly=${isReadOnly ? 'on' : 'off'}`;
  return defineChange({ command: asRoot(nas, 60_000, 'zfs', 'set', value, requireDataset(dataset)), risk: 'high' });
}

/** Gives up the dataset's own setting: it is again as the one above it says. */
export function inheritReadOnly(nas: Host, dataset: string) {
  return defineChange({ command: asRoot(nas, 60_000, 'zfs', 'inherit', 'readonly', requireDataset(dataset)), risk: 'high' });
}
