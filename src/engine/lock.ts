import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process works on this state. Two at once could both continue one run. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';
  readonly code = 'STATE_IN_USE';
}

/** A state directory that is this process's alone. */
export interface HeldState {
  readonly directory: string;
  /** Closes what was opened in it, and lets another process have it. */
  readonly release: () => void | Promise<void>;
}

/** Owns the state directory until released or until the process dies, however it dies. */
export function lockState(directory: string): { readonly directory: string; readonly release: () => void } {
  const database = new DatabaseSync(join(directory, 'engine.lock'), { timeout: 0 });
  try {
    // The operating system drops SQLite's file lock with the process, unlike a file that says who is there.
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new StateInUse(`Another storagebot works on ${directory}. Stop it first, or use another state directory.`, {
      cause: error,
    });
  }
  return { directory, release: () => database.close() };
}
