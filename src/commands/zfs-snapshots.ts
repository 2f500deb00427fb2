import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';

export interface Snapshot {
  /** `main/immich@auto-2026-04-03_00-00`. */
  readonly name: string;
  readonly dataset: string;
  /** What follows the "@". */
  readonly short: string;
  /** Never given twice: a successor of the same name has another. */
  readonly guid: string;
  /** Seconds since 1970 by the clock of the NAS. */
  readonly createdS: number;
  /** What would be free again without it. */
  readonly usedBytes: number;
  /** What it shows. */
  readonly referencedBytes: number;
  /** How many holds keep it from being destroyed. */
  readonly holds: number;
  /** Datasets that are made of it. */
  readonly clones: readonly string[];
}

const COLUMNS = 'name,guid,creation,used,refer,userrefs,clones';

/** The snapshots of this dataset, not of those below it, oldest first. There may be hundreds. */
export function snapshotsOf(nas: Host, dataset: string) {
  const columns = ['-H', '-p', '-d', '1', '-t', 'snapshot', '-o', COLUMNS, '-s', 'createtxg'];
  return defineRead<readonly Snapshot[]>({
    asks: `Which snapshots does ${dataset} have?`,
    command: boundedAsRoot(nas, 20, ['zfs', 'list', ...columns, requireDataset(dataset)]),
    answers: [0],
    parse: ({ stdout }) => parseSnapshots(stdout),
  });
}

/** `zfs diff` makes one for the moment: it is nobody's, and would look like the newest. */
const OF_DIFF = /^zfs-diff-\d+-[0-9a-f]{16}$/;

export function parseSnapshots(text: string): Snapshot[] {
  return linesOf(text)
    .map(parseSnapshot)
    .filter(({ short }) => !OF_DIFF.test(short));
}

function parseSnapshot(line: string): Snapshot {
  const [name = '', guid = '', created, used, referenced, holds, clones] = line.split('\t');
  const [dataset, short, ...more] = name.split('@');
  if (!dataset || !short || more.length > 0 || clones === undefined || !/^\d+$/.test(guid))
    throw new Error(`not a snapshot: ${line}`);
  return {
    name,
    dataset,
    short,
    guid,
    createdS: number(created, line),
    usedBytes: number(used, line),
    referencedBytes: number(referenced, line),
    holds: number(holds, line),
    clones: clones === '-' || clones === '' ? [] : clones.split(','),
  };
}

function number(text: string | undefined, line: string): number {
  const value = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new Error(`not a number: ${text} in ${line}`);
}

/** The bookmarks of this dataset: names with a "#". One that is newer than a snapshot is in the way of a rollback to it. */
export function bookmarksOf(nas: Host, dataset: string) {
  const columns = ['-H', '-p', '-d', '1', '-t', 'bookmark', '-o', 'name,creation'];
  return defineRead<readonly Bookmark[]>({
    asks: `Which bookmarks does ${dataset} have?`,
    command: boundedAsRoot(nas, 20, ['zfs', 'list', ...columns, requireDataset(dataset)]),
    answers: [0],
    parse: ({ stdout }) =>
      linesOf(stdout).map((line) => {
        const [name = '', created] = line.split('\t');
        if (!name.includes('#')) throw new Error(`not a bookmark: ${line}`);
        return { name, createdS: number(created, line) };
      }),
  });
}

export interface Bookmark {
  readonly name: string;
  readonly createdS: number;
}

/** Makes one snapshot of this dataset alone: fails where one of that name is there. It takes no space until something changes. */
export function takeSnapshot(nas: Host, dataset: string, short: string) {
  const name = `${requireDataset(dataset)}@${requireOwn(short)}`;
  return defineChange({ command: asRoot(nas, 60_000, 'zfs', 'snapshot', name), risk: 'normal' });
}

/** Only of a snapshot that the bot made. Without an option, zfs refuses where a clone or a hold needs it. */
export function destroySnapshot(nas: Host, dataset: string, short: string) {
  const name = `${requireDataset(dataset)}@${requireOwn(short)}`;
  return defineChange({ command: asRoot(nas, 60_000, 'zfs', 'destroy', name), risk: 'high' });
}

/** ZFS' own rule for names, without blanks; "@", "%" and "," would make it name other things, or several. */
export function requireDataset(name: string): string {
  if (name.length <= 200 && /^[A-Za-z][\w.:-]*(\/[\w.:][\w.:-]*)*$/.test(name)) return name;
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} is no name of a dataset, as main/immich is`);
}

/** What follows the "@" of any snapshot, with the same rule. */
export function requireShort(short: string): string {
  if (short.length <= 200 && /^[\w.:][\w.:-]*$/.test(short)) return short;
  throw new Refusal(
    'bad-request',
    `${JSON.stringify(short.slice(0, 300))} is no name of a snapshot, as auto-2026-04-03_00-00 is`,
  );
}

/** The bot makes and destroys only what has its name. */
function requireOwn(short: string): string {
  if (short.startsWith('storagebot-')) return requireShort(short);
  throw new Refusal('bad-request', `${JSON.stringify(short.slice(0, 300))} is no snapshot of this bot: storagebot-…`);
}
