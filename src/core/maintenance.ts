import type { IncidentView } from './incident.ts';
import type { Answer } from './ports.ts';
import type { Actor } from './run.ts';

/** While it lasts, everything is looked at and nothing is offered. */
export interface Maintenance {
  readonly reason: string;
  /** Who announced it; absent for what the configuration names. */
  readonly by?: Actor;
  /** Milliseconds since 1970; absent: there is no end within a week. */
  readonly until?: number;
}

/** What somebody says of maintenance. */
export interface MaintenanceWord {
  readonly actor: Actor;
  readonly reason: string;
  /** Names the message: a second one of the same key does nothing. */
  readonly key: string;
}

/** Maintenance as people announce it. Neither function rejects. */
export interface Announcing {
  readonly begin: (word: MaintenanceWord & { readonly forMs: number }) => Promise<Answer>;
  readonly end: (word: MaintenanceWord) => Promise<Answer>;
}

/** What came in quiet hours and nobody was told of. */
export interface QuietSummary {
  /** When the first of it was held back, and when it is told. */
  readonly since: number;
  readonly until: number;
  /** At least one; those that are over have no thread of their own. */
  readonly incidents: readonly [IncidentView, ...IncidentView[]];
}

/** Resolves once people were told; telling it again, also after a restart, tells nothing twice. Rejects when they were not. */
export type QuietReporter = (summary: QuietSummary) => Promise<void>;
