import type { Queries } from './queries.ts';
import { Name, StoredDecision, StoredRecording, StoredRound, StoredRun, StoredStep } from './schema.ts';
import type { JournalRound, Store } from './types.ts';

export function reads(db: Queries): Pick<Store, 'journal' | 'run' | 'unfinished' | 'unreported' | 'recording' | 'followers'> {
  const run = (id: string) => db.row(StoredRun, 'SELECT * FROM runs WHERE id = ?', id);
  const ids = (where: string, ...values: string[]) =>
    db.rows(Name, `SELECT id FROM runs WHERE ${where} ORDER BY startedAt`, ...values).map(({ id }) => id);
  return {
    run,
    journal(id) {
      const found = run(id);
      return found && { run: found, rounds: roundsOf(db, id) };
    },
    followers: (id, how) => ids(`json_extract(follows, '$.run') = ? AND json_extract(follows, '$.how') = ?`, id, how),
    unfinished: () => ids(`status NOT IN ('finished', 'broken')`),
    unreported: () => ids('reported < revision'),
    recording: (id, round) =>
      db.row(StoredRecording, 'SELECT recording FROM rounds WHERE run = ? AND number = ?', id, round)?.recording,
  };
}

function roundsOf(db: Queries, run: string): readonly JournalRound[] {
  const rounds = db.rows(
    StoredRound,
    'SELECT run, number, offers, lookedMs, at, holds FROM rounds WHERE run = ? ORDER BY number',
    run,
  );
  const steps = db.rows(StoredStep, 'SELECT * FROM steps WHERE run = ? ORDER BY round, "index"', run);
  const decisions = db.rows(StoredDecision, 'SELECT * FROM decisions WHERE run = ? ORDER BY rowid', run);
  const withDecisions = steps.map((step) => ({
    ...step,
    decisions: decisions.filter((decision) => decision.round === step.round && decision.step === step.index),
  }));
  return rounds.map((round) => ({ ...round, steps: withDecisions.filter((step) => step.round === round.number) }));
}
