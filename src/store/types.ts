import type { z } from 'zod';
import type { AuditEvent } from '../audit/event.ts';
import type { AlertStore } from '../core/alert-ports.ts';
import type { Risk } from '../core/command.ts';
import type { Diagnosis } from '../core/finding.ts';
import type { Hold } from '../core/hold.ts';
import type { IncidentStore } from '../core/incident-store.ts';
import type { Memory } from '../core/memory.ts';
import type { Output, Recording } from '../core/output.ts';
import type { Origin } from '../core/ports.ts';
import type { Actor, Decision, Follows, Intervention, RunStatus, StepStatus } from '../core/run.ts';
import type { StoredHolder, StoredRound, StoredRun, StoredStep } from './schema.ts';

export interface NewRun {
  readonly id: string;
  readonly runbook: string;
  readonly arguments: readonly string[];
  readonly requester: Actor;
  readonly origin: Origin;
  readonly buildVersion: string;
  readonly startedAt: number;
  readonly key?: string;
  readonly follows?: Follows;
}

export interface NewRound {
  readonly run: string;
  readonly number: number;
  readonly offers: boolean;
  readonly recording: Recording;
  readonly lookedMs: number;
  readonly at: number;
  readonly steps: readonly NewStep[];
  readonly diagnosis: Diagnosis;
  /** Why nothing is planned. */
  readonly stop?: string;
}

export interface NewStep {
  readonly digest: string;
  readonly preview: string;
  readonly risk: Risk;
  readonly holds: readonly Hold[];
  readonly wordToType: string;
}

/** Everything of one run but its recordings, as of one moment. */
export interface Journal {
  readonly run: StoredRun;
  readonly rounds: readonly JournalRound[];
}

export interface JournalRound extends StoredRound {
  readonly steps: readonly JournalStep[];
}

export interface JournalStep extends StoredStep {
  readonly decisions: readonly Decision[];
}

export interface StepKey {
  readonly run: string;
  readonly round: number;
  readonly index: number;
}

export interface StepMove {
  readonly from: StepStatus;
  readonly to: StepStatus;
  readonly at: number;
  readonly detail?: string;
  readonly output?: Output;
  /** Where the whole run stands from then on. */
  readonly runStatus: RunStatus;
}

export interface RunEnd {
  readonly status: 'finished' | 'broken';
  readonly at: number;
  readonly problem?: string;
}

/** Another run that holds a thing that is needed. */
export type Holder = z.output<typeof StoredHolder>;

/** Whether a step was moved to started, and if not, why. */
export type Begun = 'begun' | 'moved-on' | 'expired' | 'not-held';

export interface TakeOver {
  /** The run that needs the things; those of its last round. */
  readonly run: string;
  readonly intervention: Intervention;
  /** What is written at the offers of those that held them. */
  readonly detail: string;
}

/** The bot's own durable state. Every function is one transaction, on disk when it returns, with its lines of the audit trail. */
export interface Store extends AlertStore, IncidentStore, Memory {
  /** The new run, or the one that was written for the same key before. */
  readonly addRun: (run: NewRun) => string;
  readonly journal: (run: string) => Journal | undefined;
  readonly run: (run: string) => StoredRun | undefined;
  /** Runs that repeat this one or take it back, oldest first. */
  readonly followers: (run: string, how: Follows['how']) => readonly string[];
  /** Ids of runs that are neither finished nor broken, oldest first. */
  readonly unfinished: () => readonly string[];
  /** Ids of runs whose last transition has not been shown. */
  readonly unreported: () => readonly string[];
  readonly markLooking: (run: string) => void;
  readonly endRun: (run: string, end: RunEnd) => void;
  /** Writes a look down, and gives back what the round before held. The run waits when steps are offered, and looks otherwise. */
  readonly addRound: (round: NewRound) => void;
  readonly recording: (run: string, round: number) => Recording | undefined;
  /**
   * Drops what one run saw and where it was shown; the rest of its journal and its trail stay. The oldest that ended before
   * this time, was shown, holds nothing, and that nobody repeats or has taken back since. Undefined: there is none.
   */
  readonly dropOldest: (before: number, at: number) => string | undefined;
  /** Puts a waiting step on offer. */
  readonly offer: (step: StepKey, expiresAt: number) => void;
  /** Remembers that people were reminded of an offer. */
  readonly remind: (step: StepKey, at: number) => void;
  readonly setProgress: (step: StepKey, progress: string) => void;
  /** False, and nothing written, when the step is not in `from`. */
  readonly moveStep: (step: StepKey, move: StepMove) => boolean;
  /** Moves an approved step to started: only if its offer still stands and its round still holds all that it needs. */
  readonly begin: (step: StepKey, now: { readonly at: number; readonly command: string }) => Begun;
  /**
   * Appends the decision and, when it decides the step, moves it from waiting and, when it approves it, takes what its round holds.
   * Returns another run that holds some of that; then nothing was written. With it the press of `key` is marked as taken.
   */
  readonly addDecision: (decision: Decision & { readonly key?: string }, decided?: 'approved' | 'denied') => Holder | undefined;
  /** Writes down that people stop the run, and ends its offer. False when it has ended or is cancelled already. */
  readonly cancel: (run: string, intervention: Intervention) => boolean;
  /** Ends the run's offer or an approval that was not used yet, and lets it offer nothing more. False when it has ended. */
  readonly withdraw: (run: string, word: { readonly because: string; readonly at: number }) => boolean;
  /** Other runs that hold what the last round of this one needs. */
  readonly holders: (run: string) => readonly Holder[];
  /** Ends the offers of the runs that hold what the run needs, and frees that. */
  readonly takeOver: (word: TakeOver) => void;
  /** Marks the press of this key as taken, for a day. False when it was already. */
  readonly claim: (key: string, at: number) => boolean;
  readonly isClaimed: (key: string) => boolean;
  /** Shows these runs again, because something around them changed. */
  readonly touch: (runs: readonly string[]) => void;
  /** Writes a line of the audit trail that belongs to no transition. */
  readonly note: (event: AuditEvent) => void;
  /** Remembers which message shows which part of a run. */
  readonly putMessage: (run: string, part: string, value: unknown) => void;
  readonly getMessages: (run: string) => ReadonlyMap<string, unknown>;
  readonly markReported: (run: string, revision: number) => void;
  /** Calls after each committed transition of a run. */
  readonly subscribe: (listener: (run: string) => void) => void;
  readonly close: () => void;
}
