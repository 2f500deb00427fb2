import type { Step } from './plan.ts';
import type { Actor } from './run.ts';

/** A step that somebody approves, and those of its plan that come after it. */
export interface OfferedStep {
  readonly run: string;
  /** Id of the runbook. */
  readonly runbook: string;
  readonly steps: readonly [Step, ...Step[]];
  readonly actor: Actor;
  /** Steps of its plan before these were made: what they began may have to be ended, as a node that takes no pods. */
  readonly isBegun: boolean;
}

/** Why a step must not be made now although it is on offer, in words. It is asked where the approval is written down, and the offer stands. */
export type OfferGuard = (offered: OfferedStep) => string | undefined;
