import type { Risk } from '../core/command.ts';
import type { Hold } from '../core/hold.ts';
import type { Output } from '../core/output.ts';
import type { Origin } from '../core/ports.ts';
import type { Actor, Decision, Follows, RunStatus, StepStatus } from '../core/run.ts';

/** A command of a look and what came of it; its whole output is in the run's recording, which this hash binds. */
export interface SeenLine {
  readonly line: string;
  /** The exit code, or why the bot could not look, in words. */
  readonly outcome: string;
  /** SHA-256 of the outcome as canonical JSON, hexadecimal. */
  readonly sha256: string;
}

interface Proven {
  /** The lines among `seen` that it rests on. */
  readonly proof: readonly string[];
}

interface OfStep {
  readonly run: string;
  readonly round: number;
  /** From 0. */
  readonly step: number;
}

/** One thing that happened. What happens in one transaction of the journal is written in the same transaction. */
export type AuditEvent =
  | { readonly kind: 'bot-started'; readonly version: string }
  | {
      readonly kind: 'asked';
      readonly run: string;
      readonly runbook: string;
      readonly arguments: readonly string[];
      readonly requester: Actor;
      readonly origin: Origin;
      readonly follows?: Follows;
    }
  | {
      readonly kind: 'looked';
      readonly run: string;
      readonly round: number;
      readonly seen: readonly SeenLine[];
      readonly findings: readonly ({ readonly code: string; readonly subject: string; readonly says: string } & Proven)[];
      readonly evidence: readonly ({ readonly status: string; readonly says: string } & Proven)[];
    }
  | {
      readonly kind: 'planned';
      readonly run: string;
      readonly round: number;
      readonly steps: readonly { readonly digest: string; readonly risk: Risk; readonly preview: string }[];
      /** Why there are no steps. */
      readonly stop?: string;
    }
  | ({ readonly kind: 'offered'; readonly digest: string; readonly expiresAt: number } & OfStep)
  | ({ readonly kind: 'reminded' } & OfStep)
  | ({ readonly kind: 'decided'; readonly decision: Decision; readonly complete: boolean } & OfStep)
  /** A decision that did not count, and what the person was told. */
  | ({
      readonly kind: 'turned-down';
      readonly actor: Actor;
      readonly verdict: Decision['verdict'];
      readonly says: string;
    } & OfStep)
  | {
      readonly kind: 'held';
      readonly run: string;
      readonly round: number;
      readonly token: number;
      readonly holds: readonly Hold[];
    }
  | { readonly kind: 'taken-over'; readonly run: string; readonly from: string; readonly actor: Actor; readonly reason: string }
  | {
      readonly kind: 'step';
      readonly from: StepStatus;
      readonly to: StepStatus;
      readonly detail?: string;
      /** The exact line, where it was sent with this. */
      readonly command?: string;
      readonly output?: Output;
      readonly run: string;
      readonly round: number;
      readonly step: number;
    }
  /** Work at a target was asked to stop, with this exact line. */
  | ({ readonly kind: 'stop-asked'; readonly command: string } & OfStep)
  /** A word over a run or the bot that did not count, and what the person was told. */
  | { readonly kind: 'word-refused'; readonly word: string; readonly run?: string; readonly actor: Actor; readonly says: string }
  | { readonly kind: 'withdrawn'; readonly run: string; readonly because: string }
  | { readonly kind: 'cancelled'; readonly run: string; readonly actor: Actor; readonly reason: string }
  | { readonly kind: 'frozen' | 'unfrozen'; readonly actor: Actor; readonly reason: string }
  | { readonly kind: 'maintenance-announced'; readonly actor: Actor; readonly reason: string; readonly until: number }
  | { readonly kind: 'maintenance-ended'; readonly actor: Actor; readonly reason: string }
  /** What it saw is kept no longer, because of its age; the hashes stay in `looked`. */
  | { readonly kind: 'dropped'; readonly run: string }
  | { readonly kind: 'ended'; readonly run: string; readonly status: RunStatus; readonly problem?: string };

/** Appends to the trail of the transaction in hand. */
export type Audit = (event: AuditEvent) => void;
