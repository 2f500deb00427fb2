import type { Audit } from '../audit/event.ts';
import { openDatabase } from './database.ts';
import { incidents } from './incidents.ts';
import { intake } from './intake.ts';
import { interventions } from './interventions.ts';
import { presses } from './presses.ts';
import type { Queries } from './queries.ts';
import { queriesOn } from './queries.ts';
import { reads } from './reads.ts';
import { remembered } from './remembered.ts';
import { runWrites } from './run-writes.ts';
import { StoredMessage } from './schema.ts';
import { stepWrites } from './step-writes.ts';
import type { Transition } from './transition.ts';
import type { Store } from './types.ts';

export type { StoredRun } from './schema.ts';
export type {
  Begun,
  Holder,
  Journal,
  JournalRound,
  JournalStep,
  NewRound,
  NewRun,
  NewStep,
  RunEnd,
  StepKey,
  StepMove,
  Store,
} from './types.ts';

/** The audit trail of a database: its lines are part of the transaction in hand. */
export interface Trail {
  readonly append: Audit;
  /** The number and the code of its last line. */
  readonly head: () => { readonly seq: number; readonly mac: string };
}

export interface StoreOptions {
  readonly trail: (db: Queries) => Trail;
  /** Called after each commit that may have added lines to the trail. */
  readonly committed?: () => void;
  /** Hears of each write that failed, before whoever wanted it does. */
  readonly failed?: (error: unknown) => void;
}

/** Opens the state in this directory, creating it if need be. Throws `StoreUnusable` where state would not be safe. */
export function createStore(directory: string, { trail: trailOf, committed, failed }: StoreOptions): Store {
  const database = openDatabase(directory);
  const db = queriesOn(database, failed);
  const trail = trailOf(db);
  const listeners: ((run: string) => void)[] = [];
  const transition: Transition = (runs, write) => {
    const all = typeof runs === 'string' ? [runs] : runs;
    const written = db.transaction(() => {
      if (write() === false) return false;
      for (const run of all) db.run('UPDATE runs SET revision = revision + 1 WHERE id = ?', run);
      return true;
    });
    if (!written) return false;
    committed?.();
    for (const run of all) for (const listener of listeners) listener(run);
    return true;
  };
  const writing = { db, transition, audit: trail.append };
  return {
    ...reads(db),
    ...runWrites(writing, trail.head),
    ...stepWrites(writing),
    ...interventions(writing),
    ...messages(db),
    ...intake(db),
    ...incidents(db),
    ...remembered(db),
    ...presses(db),
    note: (event) => void transition([], () => trail.append(event)),
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
