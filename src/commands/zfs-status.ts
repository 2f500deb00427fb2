import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead, operand } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot } from './bounded.ts';
import type { Flavour } from './nas.ts';
import type { Scan } from './zfs-scan.ts';
import { parseScans } from './zfs-scan.ts';

const POOL_STATES = ['ONLINE', 'DEGRADED', 'FAULTED', 'OFFLINE', 'REMOVED', 'UNAVAIL', 'SUSPENDED'] as const;
export type PoolState = (typeof POOL_STATES)[number];

/** States in which a pool may be closed, so that neither its errors nor its last scrub are known. */
const CLOSED: readonly PoolState[] = ['FAULTED', 'UNAVAIL'];

/** A count as printed, which is rounded from 1024 on, and the least that it can stand for. */
export interface Count {
  readonly text: string;
  readonly least: number;
}

export interface Vdev {
  readonly name: string;
  /** 0: the pool itself. */
  readonly depth: number;
  /** `ONLINE`, `AVAIL`, `INUSE` … */
  readonly state: string;
  /** Absent for spares, which have none. */
  readonly errors?: { readonly read: Count; readonly write: Count; readonly checksum: Count };
  /** `too many errors`, `was /dev/sdb1`, `(resilvering)` … */
  readonly note?: string;
}

/** What cannot be repaired. `unavailable`: there is something, and the pool cannot say what. */
export type DataErrors =
  | { readonly is: 'none' }
  | { readonly is: 'listed'; readonly entries: readonly string[] }
  | { readonly is: 'counted'; readonly count: number }
  | { readonly is: 'unavailable' };

export interface PoolStatus {
  readonly name: string;
  readonly state: PoolState;
  readonly status?: string;
  readonly action?: string;
  readonly scan: Scan;
  /** In the order of the table, the pool itself first. */
  readonly vdevs: readonly Vdev[];
  readonly errors: DataErrors;
}

/** Whether the pool works at all, so that it can say what its errors are and when it was scrubbed. */
export function isWorking({ state }: PoolStatus): boolean {
  return state === 'ONLINE' || state === 'DEGRADED';
}

/** All pools. On a pool that is suspended the command may never end: then it is ended, and that is no answer. */
export function poolStatuses(nas: Host, flavour: Flavour) {
  return defineRead<readonly PoolStatus[]>({
    asks: `What does ZFS say about the pools of ${nas.name}?`,
    command: boundedAsRoot(nas, 8, ['zpool', 'status', '-v']),
    answers: flavour === 'debian' ? [0, 127] : [0],
    parse: (output) => (output.exitCode === 127 ? [] : parsePoolStatuses(output)),
  });
}

/** Starts a scrub, or goes on with one that was paused. It reads all data, for hours. */
export function scrub(nas: Host, pool: string) {
  return defineChange({ command: asRoot(nas, 30_000, 'zpool', 'scrub', operand(pool)), risk: 'high' });
}

/** Keeps what the scrub has done; `scrub` goes on from there. */
export function pauseScrub(nas: Host, pool: string) {
  return defineChange({ command: asRoot(nas, 30_000, 'zpool', 'scrub', '-p', operand(pool)), risk: 'normal' });
}

/** Ends the scrub; the next one begins at the beginning. */
export function stopScrub(nas: Host, pool: string) {
  return defineChange({ command: asRoot(nas, 30_000, 'zpool', 'scrub', '-s', operand(pool)), risk: 'normal' });
}

export function parsePoolStatuses({ stdout, stderr }: Pick<Output, 'stdout' | 'stderr'>): PoolStatus[] {
  if (stdout.trim() === 'no pools available') return [];
  if (!/^ {0,2}pool: /.test(stdout)) throw new Error('it names no pool');
  const texts = stdout.split(/^(?= {0,2}pool: )/m);
  const pools = texts.map((text) => parsePool(text, stderr));
  if (new Set(pools.map(({ name }) => name)).size !== pools.length) throw new Error('it names a pool twice');
  return pools;
}

const KEYS = 'pool|state|status|action|see|scan|scrub|remove|checkpoint|expand|comment|config|errors';
const KEY_LINE = new RegExp(`^ {0,6}(${KEYS}):(?: (.*))?$`);

interface Section {
  readonly key: string;
  readonly first: string;
  /** The lines that follow, as they are. */
  readonly rest: readonly string[];
}

function parsePool(text: string, stderr: string): PoolStatus {
  const sections = sectionsOf(text);
  const named = (key: string) => sections.filter((section) => section.key === key);
  const [name, state, config] = [named('pool')[0], named('state')[0], named('config')[0]];
  const known = POOL_STATES.find((each) => each === state?.first);
  if (name === undefined || config === undefined) throw new Error('a pool without name or table');
  if (known === undefined) throw new Error(`${name.first} has the unknown state ${state?.first}`);
  const [status, action] = [named('status')[0], named('action')[0]].map((each) => each && prose(each));
  return {
    name: name.first,
    state: known,
    ...(status !== undefined && { status }),
    ...(action !== undefined && { action }),
    scan: parseScans([...named('scan'), ...named('scrub')].map(prose)),
    vdevs: parseTable(config.rest),
    // A pool that cannot be opened is printed without a line of errors.
    errors:
      CLOSED.includes(known) && named('errors').length === 0 ? { is: 'unavailable' } : parseErrors(named('errors')[0], stderr),
  };
}

function sectionsOf(text: string): Section[] {
  const sections: { key: string; first: string; rest: string[] }[] = [];
  for (const line of text.split('\n')) {
    const [, key, first = ''] = KEY_LINE.exec(line) ?? [];
    const last = sections.at(-1);
    if (key !== undefined) sections.push({ key, first: first.trim(), rest: [] });
    else if (line.trim() === '' || (last !== undefined && /^(\t| {4})/.test(line))) last?.rest.push(line);
    else throw new Error(`not a line of a pool: ${line}`);
  }
  return sections;
}

function prose({ first, rest }: Section): string {
  return [first, ...rest].join(' ').replaceAll(/\s+/g, ' ').trim();
}

const ROW = /^( *)(\S.*?) +([A-Z]+)(?: +(\d\S*) +(\d\S*) +(\d\S*))?(?:  +(\S.*))?$/;
const CLASSES = ['logs', 'cache', 'spares', 'special', 'dedup'];

function parseTable(lines: readonly string[]): Vdev[] {
  const [header, ...rows] = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.replace(/^(\t| {8}| {4})/, '').trimEnd());
  if (header === undefined || !/^NAME +STATE +READ +WRITE +CKSUM$/.test(header)) throw new Error('no table of devices');
  const vdevs = rows.filter((row) => !CLASSES.includes(row)).map(parseRow);
  if (vdevs[0]?.errors === undefined) throw new Error('a table without its pool');
  return vdevs;
}

function parseRow(row: string): Vdev {
  const [, indent, name, state, read, write, checksum, note] = ROW.exec(row) ?? [];
  if (indent === undefined || name === undefined || state === undefined) throw new Error(`not a device: ${row}`);
  const isCounted = read !== undefined && write !== undefined && checksum !== undefined;
  return {
    name,
    depth: indent.length / 2,
    state,
    ...(isCounted && { errors: { read: countOf(read), write: countOf(write), checksum: countOf(checksum) } }),
    ...(note !== undefined && { note }),
  };
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

/** ZFS rounds to the digits that it prints. */
function countOf(text: string): Count {
  const [, whole, fraction = '', unit = ''] = /^(\d+)(?:\.(\d+))?([KMGTPE]?)$/.exec(text) ?? [];
  if (whole === undefined || (unit === '' && fraction !== '')) throw new Error(`not a count: ${text}`);
  if (unit === '') return { text, least: Number(whole) };
  const rounding = 0.5 / 10 ** fraction.length;
  return { text, least: Math.ceil((Number(`${whole}.${fraction || 0}`) - rounding) * 1024 ** UNITS.indexOf(unit)) };
}

const LIST = 'Permanent errors have been detected in the following files:';

function parseErrors(section: Section | undefined, stderr: string): DataErrors {
  const isHidden = /List of errors unavailable/.test(`${section?.first}\n${stderr}`);
  if (section === undefined && !isHidden) throw new Error('a pool that says nothing of errors');
  if (section === undefined || section.first.startsWith('List of errors unavailable')) return { is: 'unavailable' };
  if (section.first === 'No known data errors') return { is: 'none' };
  const counted = /^(\d+) data errors?(?:, use '-v' for a list)?$/.exec(section.first)?.[1];
  if (counted !== undefined) return { is: 'counted', count: Number(counted) };
  if (section.first !== LIST) throw new Error(`not a state of errors: ${section.first}`);
  const entries = section.rest.filter((line) => line.trim() !== '').map((line) => line.replace(/^(\t| {8}| {4})/, ''));
  return entries.length === 0 ? { is: 'unavailable' } : { is: 'listed', entries };
}
