import { z } from 'zod';
import type { Hold } from '../core/hold.ts';
import type { Queries } from './queries.ts';
import { StoredHolder } from './schema.ts';
import type { Writing } from './transition.ts';
import type { Holder } from './types.ts';

const Token = z.object({ token: z.number() });

/** Other runs that hold something that conflicts with one of these. */
export function holdersOf(db: Queries, run: string, wanted: readonly Hold[]): readonly Holder[] {
  return wanted.flatMap(({ kind, name, how }) =>
    db.rows(
      StoredHolder,
      `SELECT holds.run, holds.kind, holds.name, runs.runbook, runs.arguments, runs.requester, tokens.at AS since, runs.finishedAt
       FROM holds JOIN runs ON runs.id = holds.run JOIN tokens ON tokens.token = holds.token
       WHERE holds.kind = ? AND holds.name = ? AND holds.run <> ? AND (holds.how = 'changes' OR ? = 'changes')`,
      kind,
      name,
      run,
      how,
    ),
  );
}

/** Takes all of these for a round, under a new fencing token, unless the round has them already. Nobody may hold any of them. */
export function takeHolds(
  { db, audit }: Pick<Writing, 'db' | 'audit'>,
  { run, round, at }: { readonly run: string; readonly round: number; readonly at: number },
  holds: readonly Hold[],
): void {
  if (tokenOf(db, run, round) !== undefined) return;
  db.run('INSERT INTO tokens (run, round, at) VALUES (?, ?, ?)', run, round, at);
  const token = tokenOf(db, run, round) ?? 0;
  for (const { kind, name, how } of holds)
    db.run('INSERT INTO holds (kind, name, how, run, token) VALUES (?, ?, ?, ?, ?)', kind, name, how, run, token);
  audit({ kind: 'held', run, round, token, holds });
}

/** Whether the round still holds all of these under its own token. */
export function stillHolds(
  db: Queries,
  { run, round }: { readonly run: string; readonly round: number },
  holds: readonly Hold[],
) {
  const token = tokenOf(db, run, round);
  if (token === undefined) return false;
  return holds.every(
    ({ kind, name }) =>
      db.row(Token, 'SELECT token FROM holds WHERE kind = ? AND name = ? AND run = ? AND token = ?', kind, name, run, token) !==
      undefined,
  );
}

/** Gives back what a run holds. After a step whose outcome nobody knows it stays held, until a person takes it over. */
export function releaseHolds(db: Queries, run: string): void {
  db.run(`DELETE FROM holds WHERE run = ? AND NOT EXISTS (SELECT 1 FROM steps WHERE run = ? AND status = 'unknown')`, run, run);
}

function tokenOf(db: Queries, run: string, round: number): number | undefined {
  return db.row(Token, 'SELECT token FROM tokens WHERE run = ? AND round = ?', run, round)?.token;
}
