import { lookedEvent } from '../audit/looked.ts';
import { allHolds } from '../core/hold.ts';
import { releaseHolds } from './holds.ts';
import type { Queries } from './queries.ts';
import { Name } from './schema.ts';
import type { Writing } from './transition.ts';
import type { NewRound, NewRun, NewStep, RunEnd, StepKey, Store } from './types.ts';

export function runWrites(
  writing: Writing,
  auditHead: () => unknown,
): Pick<Store, 'addRun' | 'markLooking' | 'endRun' | 'addRound' | 'dropOldest' | 'touch'> {
  const { db, transition } = writing;
  return {
    addRun: (run) => known(db, run) ?? (transition(run.id, () => insertRun(writing, run)), run.id),
    markLooking: (run) =>
      void transition(run, () => db.run(`UPDATE runs SET status = 'looking' WHERE id = ? AND status <> 'looking'`, run)),
    endRun: (run, end) =>
      void transition(run, () => {
        endRun(writing, run, end);
        db.run('UPDATE runs SET auditHead = ? WHERE id = ?', JSON.stringify(auditHead()), run);
      }),
    addRound: (round) => void transition(round.run, () => addRound(writing, round)),
    dropOldest: (before, at) => dropOldest(writing, before, at),
    touch: (runs) => void transition(runs, () => undefined),
  };
}

function known(db: Queries, { key }: NewRun): string | undefined {
  return key === undefined ? undefined : db.row(Name, 'SELECT id FROM runs WHERE requestKey = ?', key)?.id;
}

function insertRun({ db, audit }: Writing, run: NewRun): void {
  const { id, runbook, arguments: words, requester, origin, buildVersion, startedAt, key, follows } = run;
  db.run(
    `INSERT INTO runs (id, runbook, arguments, requester, origin, buildVersion, status, startedAt, requestKey, follows)
     VALUES (?, ?, ?, ?, ?, ?, 'looking', ?, ?, ?)`,
    id,
    runbook,
    JSON.stringify(words),
    JSON.stringify(requester),
    JSON.stringify(origin),
    buildVersion,
    startedAt,
    key ?? null,
    follows === undefined ? null : JSON.stringify(follows),
  );
  audit({ kind: 'asked', run: id, runbook, arguments: words, requester, origin, ...(follows && { follows }) });
}

function endRun({ db, audit }: Writing, run: string, { status, at, problem }: RunEnd): void {
  db.run(
    'UPDATE runs SET status = ?, problem = COALESCE(?, problem), finishedAt = ? WHERE id = ?',
    status,
    problem ?? null,
    at,
    run,
  );
  releaseHolds(db, run);
  audit({ kind: 'ended', run, status, ...(problem === undefined ? {} : { problem }) });
}

function addRound({ db, audit }: Writing, round: NewRound): void {
  const { run, number, recording, steps, diagnosis, stop } = round;
  releaseHolds(db, run);
  insertRound(db, round);
  for (const [index, step] of steps.entries()) insertStep(db, { run, round: number, index }, step);
  audit(lookedEvent({ run, round: number, recording, diagnosis }));
  const planned = steps.map(({ digest, risk, preview }) => ({ digest, risk, preview }));
  audit({ kind: 'planned', run, round: number, steps: planned, ...(stop === undefined ? {} : { stop }) });
}

/** Undo rebuilds the plan of the run that it takes back, so that one goes after it. */
const OLDEST = `
  SELECT id FROM runs WHERE droppedAt IS NULL AND finishedAt < ? AND reported >= revision
    AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.run = runs.id)
    AND NOT EXISTS (SELECT 1 FROM runs AS later WHERE later.finishedAt IS NULL AND json_extract(later.follows, '$.run') = runs.id)
    AND NOT EXISTS (SELECT 1 FROM runs AS later
      WHERE later.runbook = 'undo' AND later.droppedAt IS NULL AND json_extract(later.arguments, '$[0]') = runs.id)
  ORDER BY finishedAt LIMIT 1`;

function dropOldest({ db, transition, audit }: Writing, before: number, at: number): string | undefined {
  const oldest = db.row(Name, OLDEST, before)?.id;
  if (oldest === undefined) return undefined;
  // Of no run, so that nothing is shown anew where the run was asked for.
  transition([], () => {
    db.run('UPDATE runs SET droppedAt = ? WHERE id = ?', at, oldest);
    db.run(`UPDATE rounds SET recording = '{}' WHERE run = ?`, oldest);
    db.run('DELETE FROM messages WHERE run = ?', oldest);
    audit({ kind: 'dropped', run: oldest });
  });
  return oldest;
}

function insertRound(db: Queries, { run, number, offers, recording, lookedMs, at, steps }: NewRound): void {
  db.run(
    'INSERT INTO rounds (run, number, offers, recording, lookedMs, at, holds) VALUES (?, ?, ?, ?, ?, ?, ?)',
    run,
    number,
    offers ? 1 : 0,
    JSON.stringify(recording),
    lookedMs,
    at,
    JSON.stringify(allHolds(steps.flatMap(({ holds }) => holds))),
  );
}

function insertStep(db: Queries, { run, round, index }: StepKey, { digest, preview, risk, wordToType }: NewStep): void {
  db.run(
    `INSERT INTO steps (run, round, "index", digest, preview, risk, status, wordToType) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)`,
    run,
    round,
    index,
    digest,
    preview,
    risk,
    wordToType,
  );
}
