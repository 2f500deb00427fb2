import type { Queries } from './queries.ts';
import { Name } from './schema.ts';
import type { Store } from './types.ts';

const REMEMBERED_MS = 86_400_000;

/** Which presses of buttons were taken: Slack may deliver one again, also to the next process. */
export function presses(db: Queries): Pick<Store, 'claim' | 'isClaimed'> {
  return {
    claim: (key, at) => db.transaction(() => remember(db, key, at)),
    isClaimed: (key) => db.row(Name, 'SELECT key AS id FROM presses WHERE key = ?', key) !== undefined,
  };
}

/** Within the transaction in hand, so that a press is neither lost nor taken twice: it is remembered with what it did. */
export function remember(db: Queries, key: string | undefined, at: number): boolean {
  if (key === undefined) return true;
  db.run('DELETE FROM presses WHERE at < ?', at - REMEMBERED_MS);
  return db.run('INSERT INTO presses (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING', key, at);
}
