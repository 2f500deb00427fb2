import type { Question } from '../core/alert-ports.ts';
import { StoredQuestion } from './alert-schema.ts';
import type { Queries } from './queries.ts';

/** Those that were asked in vain least often come first. */
export function questions(db: Queries): readonly Question[] {
  return db.rows(StoredQuestion, 'SELECT receiver, asked, names, tries FROM questions ORDER BY tries, receiver');
}

/** More names than alerts can have in one message: whoever writes into a watched channel is not trusted. */
const MOST_NAMES = 200;

/** Within a transaction. */
export function addQuestion(db: Queries, receiver: string, names: readonly string[] = []): void {
  const before = questions(db).find((question) => question.receiver === receiver);
  const all = [...new Set([...(before?.names ?? []), ...names])].slice(0, MOST_NAMES);
  db.run(
    `INSERT INTO questions (receiver, names) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET asked = asked + 1, names = excluded.names, tries = IIF(?, 0, tries)`,
    receiver,
    JSON.stringify(all),
    names.length,
  );
}

/** Within a transaction. Nothing where it was asked anew meanwhile. */
export function settleQuestion(
  db: Queries,
  { receiver, asked }: Pick<Question, 'receiver' | 'asked'>,
  missing: readonly string[],
): void {
  if (missing.length === 0) {
    db.run('DELETE FROM questions WHERE receiver = ? AND asked = ?', receiver, asked);
    return;
  }
  const names = JSON.stringify(missing);
  db.run('UPDATE questions SET names = ?, tries = tries + 1 WHERE receiver = ? AND asked = ?', names, receiver, asked);
}
