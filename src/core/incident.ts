import type { Episode } from './alert.ts';
import type { Foundation } from './foundation.ts';
import type { Actor } from './run.ts';

/** `proved`: a diagnosis found it ill. `named`: an alert says so. `shared`: several stand on it. `own`: nothing but the alert itself. */
export type CauseBecause = 'proved' | 'named' | 'shared' | 'own';

export interface Cause extends Foundation {
  readonly because: CauseBecause;
  /** With `proved`: when a look last found it ill, or could not see whether it is. Milliseconds since 1970. */
  readonly provedAt?: number;
  /** With `proved`: what last judged it. Another run of the same words looks at it too. */
  readonly provedBy?: JudgedBy;
}

/** A round of a diagnosis; 0 where it did not come so far. */
export interface JudgedBy {
  readonly run: string;
  readonly round: number;
}

/** What a diagnosis looked at and found well. */
export interface Cleared extends Foundation {
  readonly at: number;
  readonly by: JudgedBy;
  /** A diagnosis had found it ill before. */
  readonly wasIll: boolean;
}

/** Alerts that stand on one cause: one thread, one diagnosis. */
export interface Incident {
  readonly id: string;
  readonly cause: Cause;
  /** What all its members stand on: a diagnosis may prove one of these to be the cause. */
  readonly candidates: readonly Foundation[];
  /** Of these, what was looked at since and is well, the last look first. */
  readonly cleared?: readonly Cleared[];
  readonly openedAt: number;
  /** When its last member ended; absent while one fires. */
  readonly quietSince?: number;
  readonly closed?: {
    readonly at: number;
    readonly by?: Actor;
    readonly because: 'all-ended' | 'closed' | 'merged';
    /** With `merged`: the incident that has its members from then on, because both have the same proved cause. */
    readonly into?: string;
  };
  readonly acknowledged?: { readonly by: Actor; readonly at: number };
  /** Who looks after it. */
  readonly taken?: { readonly by: Actor; readonly at: number };
  /** What made the bot withdraw its last offer: `maintenance`, or the incident of what it stands on. Absent once it is diagnosed anew. */
  readonly withheldBy?: string;
  /** Runs that it started, oldest first. */
  readonly runs: readonly string[];
  /** Counts its changes. */
  readonly revision: number;
}

export interface IncidentView extends Incident {
  /** In the order in which they were heard of. */
  readonly members: readonly Episode[];
}
