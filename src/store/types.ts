import type { Risk } from '../core/command.ts';
import type { Output, Recording } from '../core/output.ts';
import type { Origin } from '../core/ports.ts';
import type { Actor, Decision, RunStatus, StepStatus } from '../core/run.ts';
import type { StoredRound, StoredRun, StoredStep } from './schema.ts';

export interface NewRun {
  readonly id: string;
  readonly runbook: string;
  readonly arguments: readonly string[];
  readonly requester: Actor;
  readonly origin: Origin;
  readonly buildVersion: string;
  readonly startedAt: number;
}

export interface NewRound {
  readonly run: string;
  readonly number: number;
  readonly offers: boolean;
  readonly recording: Recording;
  readonly lookedMs: number;
  readonly at: number;
  readonly steps: readonly NewStep[];
}

export interface NewStep {
  readonly digest: string;
  readonly preview: string;
  readonly risk: Risk;
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

/** The bot's own durable state. Every function is one transaction, on disk when it returns. */
export interface Store {
  readonly addRun: (run: NewRun) => void;
  readonly journal: (run: string) => Journal | undefined;
  readonly run: (run: string) => StoredRun | undefined;
  /** Ids of runs that are neither finished nor broken, oldest first. */
  readonly unfinished: () => readonly string[];
  /** Ids of runs whose last transition has not been shown. */
  readonly unreported: () => readonly string[];
  readonly markLooking: (run: string) => void;
  readonly endRun: (run: string, end: RunEnd) => void;
  /** Writes a look down. The run waits when steps are offered, and looks otherwise. */
  readonly addRound: (round: NewRound) => void;
  readonly recording: (run: string, round: number) => Recording | undefined;
  /** Puts a waiting step on offer. */
  readonly offer: (step: StepKey, expiresAt: number) => void;
  /** False, and nothing written, when the step is not in `from`. */
  readonly moveStep: (step: StepKey, move: StepMove) => boolean;
  /** Appends the decision and, when it decides the step, moves it from waiting, in one transaction. */
  readonly addDecision: (decision: Decision, decided?: 'approved' | 'denied') => void;
  /** Remembers which message shows which part of a run. */
  readonly putMessage: (run: string, part: string, value: unknown) => void;
  readonly getMessages: (run: string) => ReadonlyMap<string, unknown>;
  readonly markReported: (run: string, revision: number) => void;
  /** Calls after each committed transition of a run. */
  readonly subscribe: (listener: (run: string) => void) => void;
  readonly close: () => void;
}
