import { z } from 'zod';
import { HOLD_KINDS, type Hold } from '../core/hold.ts';
import type { FailureReason, Outcome, Output } from '../core/output.ts';
import type { Origin } from '../core/ports.ts';
import type { Actor, Decision, Follows, Intervention, RunStatus, StepStatus } from '../core/run.ts';

export const StoredActor = z.object({ id: z.string(), name: z.string() }) satisfies z.ZodType<Actor>;

const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('slack'), channel: z.string(), thread: z.string().exactOptional() }),
  z.object({ kind: z.literal('cli') }),
  z.object({ kind: z.literal('alert') }),
]) satisfies z.ZodType<Origin>;

const output = z.object({ exitCode: z.number(), stdout: z.string(), stderr: z.string() }) satisfies z.ZodType<Output>;

const reasons = [
  'unreachable',
  'host-key',
  'login-refused',
  'forbidden',
  'timed-out',
  'cut',
  'not-configured',
  'unexpected-exit',
  'unreadable',
] as const satisfies readonly FailureReason[];

const outcome = z.union([
  output,
  z.object({ failed: z.enum(reasons), says: z.string(), toDo: z.string() }),
]) satisfies z.ZodType<Outcome>;

const runStatus = z.enum(['looking', 'waiting', 'applying', 'finished', 'broken']) satisfies z.ZodType<RunStatus>;

const stepStatus = z.enum([
  'waiting',
  'approved',
  'started',
  'done',
  'refused',
  'failed',
  'unknown',
  'denied',
  'expired',
  'withdrawn',
  'cancelled',
]) satisfies z.ZodType<StepStatus>;

const verdict = z.enum(['approve', 'deny']) satisfies z.ZodType<Decision['verdict']>;

const intervention = z.object({ actor: StoredActor, reason: z.string(), at: z.number() }) satisfies z.ZodType<Intervention>;

const follows = z.object({ run: z.string(), how: z.enum(['again', 'undo']) }) satisfies z.ZodType<Follows>;

export const StoredHold = z.object({
  kind: z.enum(HOLD_KINDS),
  name: z.string(),
  how: z.enum(['uses', 'changes']),
}) satisfies z.ZodType<Hold>;

export function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
}

export type StoredRun = z.output<typeof StoredRun>;
export const StoredRun = z.object({
  id: z.string(),
  runbook: z.string(),
  arguments: json(z.array(z.string())),
  requester: json(StoredActor),
  origin: json(origin),
  buildVersion: z.string(),
  status: runStatus,
  problem: z.string().nullable(),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  /** Counts the transitions of the run. */
  revision: z.number(),
  /** The revision that was last shown to people. */
  reported: z.number(),
  follows: json(follows).nullable(),
  cancelled: json(intervention).nullable(),
  /** Why nothing more is to be offered: what the run was made for is over. */
  withdrawn: z.string().nullable(),
  auditHead: json(z.object({ seq: z.number(), mac: z.string() })).nullable(),
  /** When its recordings and messages were dropped because of its age. */
  droppedAt: z.number().nullable(),
});

export type StoredRound = z.output<typeof StoredRound>;
export const StoredRound = z.object({
  run: z.string(),
  number: z.number(),
  /** False for a last look, whose plan nobody is asked to approve. */
  offers: z.number().transform((flag) => flag === 1),
  lookedMs: z.number(),
  at: z.number(),
  /** What its steps hold, each thing once. */
  holds: json(z.array(StoredHold)),
});

export type StoredStep = z.output<typeof StoredStep>;
export const StoredStep = z.object({
  run: z.string(),
  round: z.number(),
  index: z.number(),
  digest: z.string(),
  /** What the approver read, word for word. */
  preview: z.string(),
  risk: z.enum(['normal', 'high', 'destructive']),
  status: stepStatus,
  /** When the offer ends; null while it is not on offer. */
  expiresAt: z.number().nullable(),
  detail: z.string().nullable(),
  output: json(output).nullable(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  wordToType: z.string(),
  /** When people were reminded that the offer ends soon. */
  warnedAt: z.number().nullable(),
  progress: z.string().nullable(),
});

export const StoredRecording = z.object({ recording: json(z.record(z.string(), outcome)) });

export const StoredDecision = z
  .object({
    run: z.string(),
    round: z.number(),
    step: z.number(),
    digest: z.string(),
    actorId: z.string(),
    actorName: z.string(),
    verdict,
    reason: z.string().nullable(),
    at: z.number(),
  })
  .transform(
    ({ actorId, actorName, reason, ...decision }): Decision => ({
      ...decision,
      actor: { id: actorId, name: actorName },
      ...(reason === null ? {} : { reason }),
    }),
  );

export const StoredMessage = z.object({ part: z.string(), value: json(z.json()) });

/** A thing that another run holds, and what is known of that run. */
export const StoredHolder = z.object({
  run: z.string(),
  kind: StoredHold.shape.kind,
  name: z.string(),
  runbook: z.string(),
  arguments: json(z.array(z.string())),
  requester: json(StoredActor),
  since: z.number(),
  finishedAt: z.number().nullable(),
});

export const Name = z.object({ id: z.string() });
