import type { Command } from './command.ts';
import type { Outcome } from './output.ts';
import type { Actor, RunView } from './run.ts';

/** The door to the outside. Neither function rejects: what goes wrong is a Failure that says what to do. */
export interface Targets {
  /** Runs a reading command with the reading identity. */
  readonly read: (command: Command) => Promise<Outcome>;
  /** Runs a changing command with the changing identity, once: it is never sent again by itself. */
  readonly change: (command: Command) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

/** Where a run was asked for, and so where its answers go. */
export type Origin = { readonly kind: 'slack'; readonly channel: string; readonly thread?: string } | { readonly kind: 'cli' };

export interface RunRequest {
  /** Id of the runbook. */
  readonly runbook: string;
  /** The words after the command, as typed. */
  readonly arguments: readonly string[];
  readonly requester: Actor;
  readonly origin: Origin;
}

/** Shows the present state of a run where it was asked for. Called after each transition; showing twice is harmless. */
export type Reporter = (view: RunView, origin: Origin) => Promise<void>;

export interface DecisionRequest {
  readonly run: string;
  readonly round: number;
  readonly step: number;
  readonly digest: string;
  readonly actor: Actor;
  readonly verdict: 'approve' | 'deny';
}

/** What the person who pressed a button is told, in words, whatever became of it. */
export interface DecisionAnswer {
  readonly accepted: boolean;
  readonly says: string;
}

export interface Engine {
  /** Writes the request down and starts the run. Rejects with a Refusal when the words make no request. Returns its id. */
  start(request: RunRequest): Promise<string>;
  /** Writes the decision down, then lets the run go on. Never rejects on a late, second or unauthorised decision. */
  decide(request: DecisionRequest): Promise<DecisionAnswer>;
  view(run: string): Promise<RunView | undefined>;
  /** Resolves when the run is finished, broken, or waits for a decision. */
  settled(run: string): Promise<RunView>;
  /** Stops taking work, lets what is being applied end, and closes the store. */
  stop(): Promise<void>;
}
