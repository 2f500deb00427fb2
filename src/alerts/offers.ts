import type { Step } from '../core/plan.ts';

/**
 * Why a step may not be made now. `looking`: it is not known yet, and that will be soon, so the offer waits; so does one of a plan that was begun. Else it
 * is withdrawn.
 */
export interface Obstacle {
  readonly is: 'maintenance' | 'ill' | 'named' | 'looking';
  /** The incident of what is ill; `maintenance`; the name of an alert that has no incident yet. */
  readonly by: string;
  readonly says: string;
}

/** Steps of one plan that are not made yet, the one that people are asked about first. */
export interface Offered {
  readonly runbook: string;
  readonly steps: readonly [Step, ...Step[]];
  /** Steps before these were made. */
  readonly isBegun?: boolean;
}

/** An offer, also one that was withdrawn and is to come again. */
export interface Judged {
  readonly incident: string;
  readonly offered: Offered;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Absent where it stands. */
  readonly obstacle?: Obstacle;
}
