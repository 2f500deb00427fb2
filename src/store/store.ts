import { openDatabase } from './database.ts';
import type { Queries } from './queries.ts';
import { queriesOn } from './queries.ts';
import { reads } from './reads.ts';
import { StoredMessage } from './schema.ts';
import type { Store } from './types.ts';
import type { Transition } from './writes.ts';
import { runWrites, stepWrites } from './writes.ts';

export type { StoredRun } from './schema.ts';
export type { Journal, JournalRound, JournalStep, NewRound, NewRun, NewStep, RunEnd, StepKey, StepMove, Store } from './types.ts';

/** Opens the state in this directory, creating it if need be. Throws `StoreUnusable` where state would not be safe. */
export function createStore(directory: string): Store {
  const database = openDatabase(directory);
  const db = queriesOn(database);
  const listeners: ((run: string) => void)[] = [];
  const transition: Transition = (run, write) => {
    const written = db.transaction(() => {
      if (write() === false) return false;
      db.run('UPDATE runs SET revision = revision + 1 WHERE id = ?', run);
      return true;
    });
    if (written) for (const listener of listeners) listener(run);
    return written;
  };
  return {
    ...reads(db),
    ...runWrites(db, transition),
    ...stepWrites(db, transition),
    ...messages(db),
    markReported: (run, revision) => db.run('UPDATE runs SET reported = MAX(reported, ?) WHERE id = ?', revision, run),
    subscribe: (listener) => listeners.push(listener),
    close: () => database.close(),
  };
}

function messages(db: Queries): Pick<Store, 'putMessage' | 'getMessages'> {
  return {
    putMessage: (run, part, value) =>
      void db.run(
        'INSERT INTO messages (run, part, value) VALUES (?, ?, ?) ON CONFLICT (run, part) DO UPDATE SET value = excluded.value',
        run,
        part,
        JSON.stringify(value),
      ),
    getMessages: (run) =>
      new Map(
        db.rows(StoredMessage, 'SELECT part, value FROM messages WHERE run = ?', run).map(({ part, value }) => [part, value]),
      ),
  };
}
