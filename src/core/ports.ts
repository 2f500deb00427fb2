import type { Command } from './command.ts';
import type { Outcome } from './output.ts';
import type { Actor, Intervention, RunView } from './run.ts';

/** The door to the outside. Neither function rejects: what goes wrong is a Failure that says what to do. */
export interface Targets {
  /** Runs a reading command with the reading identity. */
  readonly read: (command: Command) => Promise<Outcome>;
  /** Runs a changing command with the changing identity, once: it is never sent again by itself. */
  readonly change: (command: Command) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

/** Where a run was asked for, and so where its answers go. `alert`: an incident that has no thread yet, so nobody is shown the run. */
export type Origin =
  | { readonly kind: 'slack'; readonly channel: string; readonly thread?: string }
  | { readonly kind: 'cli' }
  | { readonly kind: 'alert' };

export interface RunRequest {
  /** Id of the runbook. */
  readonly runbook: string;
  /** The words after the command, as typed. */
  readonly arguments: readonly string[];
  readonly requester: Actor;
  readonly origin: Origin;
  /** Names the message that asked. A second request of the same key is the same run: Slack may deliver one twice. */
  readonly key?: string;
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
  /** Why; a denial needs one, except by who asked for the run. */
  readonly reason?: string;
  /** What was typed to confirm a destructive step. */
  readonly typed?: string;
  /** Names the press. A second one of the same key does nothing: Slack may deliver one twice, also after a restart. */
  readonly key?: string;
}

/** What the person who pressed a button is told, in words, whatever became of it. */
export interface Answer {
  readonly accepted: boolean;
  readonly says: string;
}

export interface DecisionAnswer extends Answer {
  /** The run that holds what this step needs: a person may take it over. */
  readonly heldBy?: string;
}

/** What a person wants of a whole run. */
export interface RunAction {
  readonly run: string;
  readonly actor: Actor;
  readonly reason: string;
  /** As of a decision. */
  readonly key?: string;
}

export interface FollowUp {
  readonly run: string;
  readonly how: 'again' | 'undo';
  readonly actor: Actor;
  readonly origin: Origin;
  readonly key?: string;
}

export interface Engine {
  /** Writes the request down and starts the run. Rejects with a Refusal when the words make no request. Returns its id. */
  start(request: RunRequest): Promise<string>;
  /** Writes the decision down, then lets the run go on. Never rejects on a late, second or unauthorised decision. */
  decide(request: DecisionRequest): Promise<DecisionAnswer>;
  /** Asks for the same once more, or for a plan that takes back what a run did. `run` is the new one. Never rejects. */
  follow(request: FollowUp): Promise<Answer & { readonly run?: string }>;
  /** Stops what can be stopped and says what is known to be done. Never rejects. */
  cancel(action: RunAction): Promise<Answer>;
  /** Takes what the run needs from the run that holds it, unless that one is making a change now. Never rejects. */
  takeOver(action: RunAction): Promise<Answer>;
  /** Lets the run offer nothing more, because what it was made for is over. False when it has ended, or was withdrawn already. */
  withdraw(run: string, because: string): Promise<boolean>;
  /** From now on nothing is changed anywhere. Holds even if it cannot be written down. Never rejects. */
  freeze(word: Omit<RunAction, 'run'>): Promise<Answer>;
  unfreeze(word: Omit<RunAction, 'run'>): Promise<Answer>;
  frozen(): Intervention | undefined;
  view(run: string): Promise<RunView | undefined>;
  /** Resolves when the run is finished, broken, or waits for a decision. */
  settled(run: string): Promise<RunView>;
  /** What keeps the bot from changing anything now, one sentence each: frozen, state not writable … */
  obstacles(): readonly string[];
  /** Stops taking work, lets what is being applied end, and closes the store. */
  stop(): Promise<void>;
}
