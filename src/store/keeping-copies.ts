import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { StateDamaged } from './keeping-errors.ts';
import { RESERVE_BYTES } from './keeping-place.ts';

/** A copy of the journal that was sound when it was made. */
export interface Copy {
  readonly path: string;
  /** When it was made; milliseconds since 1970, whole seconds. */
  readonly at: number;
}

const KEPT = 7;
/** Copies that are closer together replace each other, so that a bot that starts over and over does not push out old ones. */
const APART_MS = 3_600_000;
const NAME = /^storagebot-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/;

export function copiesIn(directory: string): string {
  return join(directory, 'copies');
}

/** Newest first. */
export function listCopies(directory: string): readonly Copy[] {
  const folder = copiesIn(directory);
  if (!existsSync(folder)) return [];
  const copies = readdirSync(folder).flatMap((name) => {
    const at = timeIn(name);
    return at === undefined ? [] : [{ path: join(folder, name), at }];
  });
  return copies.toSorted((one, other) => other.at - one.at);
}

function timeIn(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? [];
  return second === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** `20261122T205002Z`: sorts by time, and is allowed in a file name everywhere. */
export function stampOf(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/**
 * Copies the journal as of one moment while others write to it, looks whether the copy is sound (`faultsOf`), and only then lets it
 * count. Returns its path. Throws `StateDamaged` where it is not sound.
 */
export async function copyJournal(directory: string, at: number, faultsOf: (file: string) => readonly string[]): Promise<string> {
  const folder = copiesIn(directory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const source = join(directory, 'storagebot.db');
  const part = join(folder, 'unfinished.part');
  const target = join(folder, `storagebot-${stampOf(at)}.db`);
  removeDatabase(part);
  requireRoom(folder, source);
  try {
    await copyDatabase(source, part);
    const faults = faultsOf(part);
    if (faults.length > 0) throw new StateDamaged(`A copy of ${source} is not sound, so neither is ${source}: ${faults[0]}`);
    syncPath(part);
    renameSync(part, target);
    syncPath(folder);
  } finally {
    removeDatabase(part);
  }
  thin(directory);
  return target;
}

/** Page by page, so that nothing is rearranged; the copy needs no second file beside it. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  closeSync(openSync(to, 'wx', 0o600));
  const source = new DatabaseSync(from, { timeout: 5_000 });
  try {
    // All pages in one go, in a worker: nobody waits for it, and it is of one moment.
    await backup(source, to, { rate: 2 ** 31 - 1 });
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** With all that SQLite keeps beside it: a journal that is left would be played into the next file of that name. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}

/** A copy must not take the room that the journal needs. */
function requireRoom(folder: string, source: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const log = statSync(`${source}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const missing = statSync(source).size + log + RESERVE_BYTES - bavail * bsize;
  if (missing > 0) throw new Error(`There is no room for a copy of the state: ${Math.ceil(missing / 2 ** 20)} MiB are missing.`);
}

function thin(directory: string): void {
  const [newest, before, ...older] = listCopies(directory);
  if (newest === undefined || before === undefined) return;
  const replaced = newest.at - before.at < APART_MS && schemaOf(newest.path) === schemaOf(before.path);
  const kept = replaced ? [newest, ...older] : [newest, before, ...older];
  for (const { path } of [...(replaced ? [before] : []), ...kept.slice(KEPT)]) rmSync(path);
}

/** `user_version`, from the file's header. */
function schemaOf(file: string): number {
  const bytes = Buffer.alloc(4);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, bytes, 0, 4, 60);
  } finally {
    closeSync(descriptor);
  }
  return bytes.readUInt32BE();
}
