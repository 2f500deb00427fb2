import type { Diagnosis } from './finding.ts';
import type { Output } from './output.ts';
import type { Plan } from './plan.ts';

/** What happened to a step. `unknown`: it had started, and looking did not tell whether it is done: a person must. */
export type StepStatus = 'waiting' | 'approved' | 'started' | 'done' | 'refused' | 'failed' | 'unknown' | 'denied' | 'expired';

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
  /** For a refused or broken run: why, for a person. */
  readonly problem?: string;
}
