import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../core/errors.ts';
import type { Damage } from './keeping-check.ts';
import { checkFile, checkState } from './keeping-check.ts';
import type { Copy } from './keeping-copies.ts';
import { copyDatabase, listCopies, removeDatabase, stampOf, syncPath } from './keeping-copies.ts';
import { newestGoodCopy } from './keeping-damage.ts';

export interface Restored {
  /** Absent: the journal was sound, and stays. */
  readonly copy?: Copy;
  /** Where the files that were there are now. */
  readonly aside: string;
  /** Runs of the copy that were not finished, and do not go on. */
  readonly brokenRuns: number;
}

export interface Restoring {
  /** The name of a copy; absent: the newest good one. */
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Puts a copy of the journal in its place. The files that were there are moved aside, never removed. Nobody else may work on the
 * directory. Throws a Refusal where nothing is to be restored, or nothing can be.
 */
export async function restoreState(directory: string, { name, now }: Restoring): Promise<Restored> {
  const damages = checkState(directory);
  const copy = copyFor(directory, damages, name);
  const aside = join(directory, `aside-${stampOf(now)}`);
  if (copy === undefined) {
    moveAside(directory, aside, 'engine.db');
    return { aside, brokenRuns: 0 };
  }
  const ready = join(directory, 'storagebot.restored');
  removeDatabase(ready);
  await copyDatabase(copy.path, ready);
  const brokenRuns = stopRuns(ready, copy, now);
  const faults = checkFile(ready);
  if (faults.length > 0) throw new Refusal('could-not-look', `The copy could not be put back soundly: ${faults[0]}`);
  syncPath(ready);
  moveAside(directory, aside, 'storagebot.db');
  // The engine makes it anew from the journal.
  moveAside(directory, aside, 'engine.db');
  // It is ahead of the copy, and the only record of what was done after it: a new one is written from the journal.
  moveAside(directory, aside, 'audit.jsonl');
  renameSync(ready, join(directory, 'storagebot.db'));
  syncPath(directory);
  return { copy, aside, brokenRuns };
}

/** Undefined: only the engine's file is damaged, and that needs no copy. */
function copyFor(directory: string, damages: readonly Damage[], name: string | undefined): Copy | undefined {
  if (name !== undefined) return named(directory, name);
  if (damages.length === 0) {
    const says =
      'The state is sound, so nothing is restored. To go back to a copy all the same, name it: storagebot state restore';
    throw new Refusal('bad-request', `${says} ${namesOf(directory)[0] ?? '<copy>'}`);
  }
  if (!damages.some(({ file }) => file === 'storagebot.db')) return undefined;
  const newest = newestGoodCopy(directory);
  if (newest !== undefined) return newest;
  throw new Refusal('not-found', `There is no good copy of the journal in ${directory}/copies.`);
}

function named(directory: string, name: string): Copy {
  const copy = listCopies(directory).find(({ path }) => path.endsWith(`/${name}`));
  if (copy === undefined)
    throw new Refusal('not-found', `There is no copy called ${name}. There are: ${namesOf(directory).join(', ') || 'none'}.`);
  const [fault] = checkFile(copy.path);
  if (fault !== undefined) throw new Refusal('could-not-look', `The copy ${name} is not sound: ${fault}`);
  return copy;
}

function namesOf(directory: string): readonly string[] {
  return listCopies(directory).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
}

function moveAside(directory: string, aside: string, file: string): void {
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    const path = join(directory, `${file}${suffix}`);
    if (existsSync(path)) renameSync(path, join(aside, `${file}${suffix}`));
  }
  syncPath(aside);
  syncPath(directory);
}

/**
 * A copy does not know what was done after it, so nothing in it may go on: an approval that it holds may have been used, and a step
 * that waits in it may be done. Its holds stay, as after every outcome that nobody knows.
 */
function stopRuns(file: string, { at }: Copy, now: number): number {
  const of = `a copy of ${new Date(at).toISOString()}`;
  const detail = `The state was restored from ${of}. Whether this was done after that is not known: a person must look.`;
  const problem = `Restored from ${of}: what this run did after that is not known, so it does not go on. A person must look what was done.`;
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
    database
      .prepare(
        `UPDATE steps SET status = 'unknown', detail = ?, endedAt = ? WHERE status IN ('waiting', 'approved', 'started')
           AND run IN (SELECT id FROM runs WHERE finishedAt IS NULL)`,
      )
      .run(detail, now);
    const { changes } = database
      .prepare(`UPDATE runs SET status = 'broken', problem = ?, finishedAt = ?, revision = revision + 1 WHERE finishedAt IS NULL`)
      .run(problem, now);
    database.exec('COMMIT');
    return Number(changes);
  } finally {
    database.close();
  }
}
