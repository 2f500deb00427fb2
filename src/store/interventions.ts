import { holdersOf } from './holds.ts';
import type { Queries } from './queries.ts';
import { StoredRound, StoredStep } from './schema.ts';
import { moveStep } from './step-writes.ts';
import type { Writing } from './transition.ts';
import type { Store } from './types.ts';

/** What people, and the end of what a run was made for, do to runs from outside. */
export function interventions(writing: Writing): Pick<Store, 'cancel' | 'withdraw' | 'holders' | 'takeOver'> {
  const { db, transition, audit } = writing;
  return {
    cancel: (run, intervention) =>
      transition(run, () => {
        const { actor, reason, at } = intervention;
        const cancelled = db.run(
          'UPDATE runs SET cancelled = ? WHERE id = ? AND cancelled IS NULL AND finishedAt IS NULL',
          JSON.stringify(intervention),
          run,
        );
        if (!cancelled) return false;
        audit({ kind: 'cancelled', run, actor, reason });
        endOffer(writing, run, { to: 'cancelled', detail: `${actor.name} stopped the run: ${reason}`, at });
        return true;
      }),
    withdraw: (run, { because, at }) =>
      transition(run, () => {
        const sql = 'UPDATE runs SET withdrawn = ? WHERE id = ? AND withdrawn IS NULL AND finishedAt IS NULL';
        if (!db.run(sql, because, run)) return false;
        audit({ kind: 'withdrawn', run, because });
        endOffer(writing, run, { to: 'withdrawn', detail: because, at });
        return true;
      }),
    holders: (run) => holdersOf(db, run, lastHolds(db, run)),
    takeOver({ run, intervention: { actor, reason, at }, detail }) {
      const taken = holdersOf(db, run, lastHolds(db, run));
      const from = [...new Set(taken.map((holder) => holder.run))];
      transition(from, () => {
        for (const holder of from) {
          endOffer(writing, holder, { to: 'withdrawn', detail, at });
          audit({ kind: 'taken-over', run, from: holder, actor, reason });
        }
        // What else they hold stays theirs: after an unknown outcome nobody has looked at that yet.
        for (const { run: holder, kind, name } of taken)
          db.run('DELETE FROM holds WHERE run = ? AND kind = ? AND name = ?', holder, kind, name);
      });
    },
  };
}

interface Ending {
  readonly to: 'cancelled' | 'withdrawn';
  readonly detail: string;
  readonly at: number;
}

/** Ends the step that people are asked about, or that was approved and not begun. A change that was begun is left alone. */
function endOffer(writing: Writing, run: string, { to, detail, at }: Ending): boolean {
  const open = writing.db.rows(
    StoredStep,
    `SELECT * FROM steps WHERE run = ? AND (status = 'approved' OR (status = 'waiting' AND expiresAt IS NOT NULL))`,
    run,
  );
  for (const step of open) moveStep(writing, step, { from: step.status, to, at, detail, runStatus: 'applying' });
  return open.length > 0;
}

function lastHolds(db: Queries, run: string) {
  const sql = 'SELECT holds FROM rounds WHERE run = ? ORDER BY number DESC LIMIT 1';
  return db.row(StoredRound.pick({ holds: true }), sql, run)?.holds ?? [];
}
