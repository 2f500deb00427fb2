import type { Audit } from '../audit/event.ts';
import type { Queries } from './queries.ts';

/** Commits what `write` does to these runs and tells who listens, unless it returns false because nothing was to be written. */
export type Transition = (runs: string | readonly string[], write: () => boolean | void) => boolean;

/** What every writing function of the store works with. */
export interface Writing {
  readonly db: Queries;
  readonly transition: Transition;
  /** Appends to the audit trail within the transaction in hand. */
  readonly audit: Audit;
}
