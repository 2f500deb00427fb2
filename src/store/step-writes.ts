import type { Hold } from '../core/hold.ts';
import type { Decision } from '../core/run.ts';
import { holdersOf, stillHolds, takeHolds } from './holds.ts';
import { remember } from './presses.ts';
import type { Queries } from './queries.ts';
import { StoredRound, StoredStep } from './schema.ts';
import type { Writing } from './transition.ts';
import type { Begun, Holder, StepKey, StepMove, Store } from './types.ts';

export function stepWrites(
  writing: Writing,
): Pick<Store, 'offer' | 'remind' | 'setProgress' | 'moveStep' | 'begin' | 'addDecision'> {
  const { db, transition, audit } = writing;
  return {
    offer: (step, expiresAt) =>
      void transition(step.run, () => {
        update(db, step, { expiresAt });
        db.run(`UPDATE runs SET status = 'waiting' WHERE id = ?`, step.run);
        audit({ kind: 'offered', ...auditKey(step), digest: stepOf(db, step)?.digest ?? '', expiresAt });
      }),
    remind: (step, at) =>
      void transition(step.run, () => {
        update(db, step, { warnedAt: at });
        audit({ kind: 'reminded', ...auditKey(step) });
      }),
    setProgress: (step, progress) => void transition(step.run, () => update(db, step, { progress })),
    moveStep: (step, move) => transition(step.run, () => moveStep(writing, step, move)),
    begin: (step, now) => begin(writing, step, now),
    addDecision: (decision, decided) => addDecision(writing, decision, decided),
  };
}

/** In one transaction, so that nothing can come between the last look at the rights and the mark that forbids a second try. */
function begin(writing: Writing, step: StepKey, { at, command }: { at: number; command: string }): Begun {
  const { db, transition, audit } = writing;
  let result: Begun = 'moved-on';
  transition(step.run, () => {
    const row = stepOf(db, step);
    if (row?.status !== 'approved') return false;
    if (at >= (row.expiresAt ?? 0)) return refuse('expired');
    if (!stillHolds(db, step, holdsOf(db, step))) return refuse('not-held');
    setStatus(db, step, { from: 'approved', to: 'started', at, runStatus: 'applying' });
    audit({ kind: 'step', ...auditKey(step), from: 'approved', to: 'started', command });
    result = 'begun';
    return true;
  });
  return result;

  function refuse(why: Begun): false {
    result = why;
    return false;
  }
}

type Pressed = Parameters<Store['addDecision']>[0];

function addDecision(
  writing: Writing,
  { key: press, ...decision }: Pressed,
  decided?: 'approved' | 'denied',
): Holder | undefined {
  const { db, transition, audit } = writing;
  const { run, round, step: index, at } = decision;
  const key = { run, round, index };
  let holder: Holder | undefined;
  transition(run, () => {
    const holds = decided === 'approved' ? holdsOf(db, key) : [];
    holder = holdersOf(db, run, holds)[0];
    if (holder !== undefined) return false;
    insertDecision(db, decision);
    remember(db, press, at);
    audit({ kind: 'decided', ...auditKey(key), decision, complete: decided !== undefined });
    if (decided === undefined) return true;
    const moved = moveStep(writing, key, { from: 'waiting', to: decided, at, runStatus: 'applying' });
    if (!moved) throw new Error(`Step ${index + 1} of round ${round} is not on offer any more`);
    if (decided === 'approved') takeHolds(writing, { run, round, at }, holds);
    return true;
  });
  return holder;
}

/** False, and nothing written, when the step is not where the move begins. */
export function moveStep({ db, audit }: Pick<Writing, 'db' | 'audit'>, step: StepKey, move: StepMove): boolean {
  if (!setStatus(db, step, move)) return false;
  const { from, to, detail, output } = move;
  audit({
    kind: 'step',
    ...auditKey(step),
    from,
    to,
    ...(detail === undefined ? {} : { detail }),
    ...(output === undefined ? {} : { output }),
  });
  return true;
}

function setStatus(db: Queries, { run, round, index }: StepKey, move: StepMove): boolean {
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

/** The columns of a step that are written while its status stays. */
type Later = 'expiresAt' | 'warnedAt' | 'progress';

function holdsOf(db: Queries, { run, round }: StepKey): readonly Hold[] {
  const found = db.row(StoredRound.pick({ holds: true }), 'SELECT holds FROM rounds WHERE run = ? AND number = ?', run, round);
  return found?.holds ?? [];
}

function stepOf(db: Queries, { run, round, index }: StepKey) {
  return db.row(StoredStep, 'SELECT * FROM steps WHERE run = ? AND round = ? AND "index" = ?', run, round, index);
}

function update(db: Queries, { run, round, index }: StepKey, to: { readonly [Column in Later]?: number | string }): void {
  for (const [column, value] of Object.entries(to))
    db.run(`UPDATE steps SET ${column} = ? WHERE run = ? AND round = ? AND "index" = ?`, value, run, round, index);
}

function auditKey({ run, round, index }: StepKey) {
  return { run, round, step: index };
}

function insertDecision(db: Queries, { run, round, step, digest, actor, verdict, reason, at }: Decision): void {
  db.run(
    'INSERT INTO decisions (run, round, step, digest, actorId, actorName, verdict, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    run,
    round,
    step,
    digest,
    actor.id,
    actor.name,
    verdict,
    reason ?? null,
    at,
  );
}
