import { z } from 'zod';
import type { Queries } from '../store/queries.ts';

/** The journal as it stands in the database, unjudged: it is what is being checked. */
export interface JournalRows {
  readonly run: RunRow;
  readonly rounds: readonly RoundRow[];
  readonly steps: readonly StepRow[];
  readonly decisions: readonly DecisionRow[];
}

/** Undefined stands for text that is not JSON: it is equal to nothing. */
const json = z.string().transform((text): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
});

export type RunRow = z.output<typeof RunRow>;
const RunRow = z.object({
  id: z.string(),
  runbook: z.string(),
  arguments: json,
  requester: json,
  origin: json,
  follows: json.nullable(),
  cancelled: json.nullable(),
  status: z.string(),
  problem: z.string().nullable(),
  startedAt: z.number(),
  /** No column of a state that an earlier version wrote last. */
  droppedAt: z.number().nullable().default(null),
});

export type RoundRow = z.output<typeof RoundRow>;
const RoundRow = z.object({ number: z.number(), recording: json });

export type StepRow = z.output<typeof StepRow>;
const StepRow = z.object({
  round: z.number(),
  index: z.number(),
  digest: z.string(),
  preview: z.string(),
  risk: z.string(),
  status: z.string(),
  detail: z.string().nullable(),
  output: json.nullable(),
});

export type DecisionRow = z.output<typeof DecisionRow>;
const DecisionRow = z.object({
  round: z.number(),
  step: z.number(),
  digest: z.string(),
  actorId: z.string(),
  actorName: z.string(),
  verdict: z.string(),
  reason: z.string().nullable(),
  at: z.number(),
});

const Recording = z.record(z.string(), z.unknown());
const SeenHeads = z.object({ id: z.string(), auditHead: json });
const HeadJson = z.object({ seq: z.int(), mac: z.string() });
const Id = z.object({ id: z.string(), startedAt: z.number() });

export function journalRuns(db: Queries): readonly z.output<typeof Id>[] {
  return db.rows(Id, 'SELECT id, startedAt FROM runs ORDER BY startedAt, id');
}

/** The heads that were written beside the ends of runs. */
export function headsInJournal(db: Queries): { readonly seq: number; readonly mac: string; readonly where: string }[] {
  return db.rows(SeenHeads, 'SELECT id, auditHead FROM runs WHERE auditHead IS NOT NULL').flatMap(({ id, auditHead }) => {
    const { data } = HeadJson.safeParse(auditHead);
    return data === undefined ? [] : [{ ...data, where: `the end of run ${id} in the journal` }];
  });
}

/** What each round of a run recorded, as it stands there. */
export function recordingsIn(db: Queries, run: string): ReadonlyMap<number, Readonly<Record<string, unknown>>> {
  const rounds = db.rows(RoundRow, 'SELECT number, recording FROM rounds WHERE run = ?', run);
  return new Map(rounds.map(({ number, recording }) => [number, Recording.safeParse(recording).data ?? {}]));
}

export function journalOf(db: Queries, id: string): JournalRows | undefined {
  const run = db.row(RunRow, 'SELECT * FROM runs WHERE id = ?', id);
  return (
    run && {
      run,
      rounds: db.rows(RoundRow, 'SELECT number, recording FROM rounds WHERE run = ? ORDER BY number', id),
      steps: db.rows(StepRow, 'SELECT * FROM steps WHERE run = ? ORDER BY round, "index"', id),
      decisions: db.rows(DecisionRow, 'SELECT * FROM decisions WHERE run = ? ORDER BY rowid', id),
    }
  );
}
