import type { Decision } from '../core/run.ts';
import type { Queries } from './queries.ts';
import type { NewRound, NewStep, StepKey, StepMove, Store } from './types.ts';

/** Commits what `write` does and tells who listens, unless it returns false because nothing was to be written. */
export type Transition = (run: string, write: () => boolean | void) => boolean;

export function runWrites(db: Queries, transition: Transition): Pick<Store, 'addRun' | 'markLooking' | 'endRun' | 'addRound'> {
  return {
    addRun: (run) =>
      void transition(run.id, () =>
        db.run(
          `INSERT INTO runs (id, runbook, arguments, requester, origin, buildVersion, status, startedAt)
           VALUES (?, ?, ?, ?, ?, ?, 'looking', ?)`,
          run.id,
          run.runbook,
          JSON.stringify(run.arguments),
          JSON.stringify(run.requester),
          JSON.stringify(run.origin),
          run.buildVersion,
          run.startedAt,
        ),
      ),
    markLooking: (run) =>
      void transition(run, () => db.run(`UPDATE runs SET status = 'looking' WHERE id = ? AND status <> 'looking'`, run)),
    endRun: (run, { status, at, problem }) =>
      void transition(run, () =>
        db.run('UPDATE runs SET status = ?, problem = ?, finishedAt = ? WHERE id = ?', status, problem ?? null, at, run),
      ),
    addRound: (round) =>
      void transition(round.run, () => {
        insertRound(db, round);
        for (const [index, step] of round.steps.entries()) insertStep(db, { run: round.run, round: round.number, index }, step);
      }),
  };
}

function insertRound(db: Queries, { run, number, offers, recording, lookedMs, at }: NewRound): void {
  db.run(
    'INSERT INTO rounds (run, number, offers, recording, lookedMs, at) VALUES (?, ?, ?, ?, ?, ?)',
    run,
    number,
    offers ? 1 : 0,
    JSON.stringify(recording),
    lookedMs,
    at,
  );
}

function insertStep(db: Queries, { run, round, index }: StepKey, { digest, preview, risk }: NewStep): void {
  db.run(
    `INSERT INTO steps (run, round, "index", digest, preview, risk, status) VALUES (?, ?, ?, ?, ?, ?, 'waiting')`,
    run,
    round,
    index,
    digest,
    preview,
    risk,
  );
}

export function stepWrites(db: Queries, transition: Transition): Pick<Store, 'offer' | 'moveStep' | 'addDecision'> {
  return {
    offer: ({ run, round, index }, expiresAt) =>
      void transition(run, () => {
        db.run('UPDATE steps SET expiresAt = ? WHERE run = ? AND round = ? AND "index" = ?', expiresAt, run, round, index);
        db.run(`UPDATE runs SET status = 'waiting' WHERE id = ?`, run);
      }),
    moveStep: (step, move) => transition(step.run, () => moveStep(db, step, move)),
    addDecision: (decision, decided) =>
      void transition(decision.run, () => {
        insertDecision(db, decision);
        if (decided === undefined) return;
        const { run, round, step: index, at } = decision;
        const moved = moveStep(db, { run, round, index }, { from: 'waiting', to: decided, at, runStatus: 'applying' });
        if (!moved) throw new Error(`Step ${index + 1} of round ${round} is not on offer any more`);
      }),
  };
}

function moveStep(db: Queries, { run, round, index }: StepKey, move: StepMove): boolean {
  const { from, to, at, detail, output, runStatus } = move;
  const moved = db.run(
    `UPDATE steps SET status = ?, detail = COALESCE(?, detail), output = COALESCE(?, output),
       startedAt = CASE WHEN ? THEN ? ELSE startedAt END, endedAt = CASE WHEN ? THEN ? ELSE endedAt END
     WHERE run = ? AND round = ? AND "index" = ? AND status = ?`,
    to,
    detail ?? null,
    output === undefined ? null : JSON.stringify(output),
    to === 'started' ? 1 : 0,
    at,
    to === 'approved' || to === 'started' ? 0 : 1,
    at,
    run,
    round,
    index,
    from,
  );
  if (moved) db.run('UPDATE runs SET status = ? WHERE id = ?', runStatus, run);
  return moved;
}

function insertDecision(db: Queries, { run, round, step, digest, actor, verdict, at }: Decision): void {
  db.run(
    'INSERT INTO decisions (run, round, step, digest, actorId, actorName, verdict, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    run,
    round,
    step,
    digest,
    actor.id,
    actor.name,
    verdict,
    at,
  );
}
