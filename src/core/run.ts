import type { Diagnosis } from './finding.ts';
import type { Output } from './output.ts';
import type { Plan } from './plan.ts';

/** What happened to a step. `unknown`: it had started, and looking did not tell whether it is done: a person must. */
export type StepStatus =
  | 'waiting'
  | 'approved'
  | 'started'
  | 'done'
  | 'refused'
  | 'failed'
  | 'unknown'
  | 'denied'
  | 'expired'
  | 'withdrawn' // what the offer was bound to is no longer so
  | 'cancelled';

/** Where a run stands. `applying` covers the change and its verification. */
export type RunStatus = 'looking' | 'waiting' | 'applying' | 'finished' | 'broken';

/** Who asked or decided. `id` is a Slack user id, or `cli:` and the name of a local user. */
export interface Actor {
  readonly id: string;
  readonly name: string;
}

export interface Decision {
  readonly run: string;
  readonly round: number;
  readonly step: number;
  readonly digest: string;
  readonly actor: Actor;
  readonly verdict: 'approve' | 'deny';
  /** Why it was denied. */
  readonly reason?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A word spoken over a whole run or over the bot: cancelled, frozen, taken over. */
export interface Intervention {
  readonly actor: Actor;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface StepView {
  readonly status: StepStatus;
  readonly digest: string;
  readonly decisions: readonly Decision[];
  /** Approvals of different people that this step needs. */
  readonly needs: number;
  /** When the offer ends; milliseconds since 1970. */
  readonly expiresAt: number;
  /** True once the offer is about to end and people must be reminded. */
  readonly warned?: boolean;
  /** How far the work at the target has come, in its own words. */
  readonly progress?: string;
  /** What happened, in one sentence, once something did. */
  readonly detail?: string;
  readonly output?: Output;
}

export interface RoundView {
  readonly number: number;
  readonly diagnosis: Diagnosis;
  readonly plan: Plan;
  readonly steps: readonly StepView[];
  /** What differs from the run's first look, one line each. */
  readonly changes?: readonly string[];
  /** Milliseconds the look took. */
  readonly lookedMs: number;
}

/** `again`: the same words once more, after an offer ended. `undo`: takes back what was done. */
export interface Follows {
  readonly run: string;
  readonly how: 'again' | 'undo';
}

/** Everything that Slack and the command line show of a run: they render this and nothing else. */
export interface RunView {
  readonly id: string;
  readonly runbook: { readonly id: string; readonly title: string; readonly words: readonly string[] };
  /** The words after the command, as they were typed and accepted. */
  readonly arguments: readonly string[];
  readonly requester: Actor;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly rounds: readonly RoundView[];
  /** The run that this one repeats or takes back. */
  readonly follows?: Follows;
  /** Who stopped the run. */
  readonly cancelled?: Intervention;
  /** Nothing is changed anywhere while this is so. */
  readonly frozen?: Intervention;
  /** Length and last code of the audit trail when the run ended: whoever has seen it can prove that the trail was cut. */
  readonly auditHead?: { readonly seq: number; readonly mac: string };
  /** For a refused or broken run: why, for a person. */
  readonly problem?: string;
}
