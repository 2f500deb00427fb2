import { z } from 'zod';

const actor = z.object({ id: z.string(), name: z.string() });
const output = z.object({ exitCode: z.number(), stdout: z.string(), stderr: z.string() });
const ofRun = { run: z.string() };
const ofRound = { ...ofRun, round: z.number() };
const ofStep = { ...ofRound, step: z.number() };
const word = { actor, reason: z.string() };
const proof = z.array(z.string()).readonly().default([]);

/** An event as it is read back, also one that an earlier version wrote: closed words are open here. */
export type ReadEvent = z.output<typeof ReadEvent>;
export const ReadEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('bot-started'), version: z.string() }),
  z.object({
    kind: z.literal('asked'),
    ...ofRun,
    runbook: z.string(),
    arguments: z.array(z.string()).readonly(),
    requester: actor,
    origin: z.looseObject({ kind: z.string() }),
    follows: z.object({ run: z.string(), how: z.string() }).optional(),
  }),
  z.object({
    kind: z.literal('looked'),
    ...ofRound,
    seen: z.array(z.object({ line: z.string(), outcome: z.string(), sha256: z.string() })).readonly(),
    findings: z.array(z.object({ code: z.string(), subject: z.string(), says: z.string(), proof })).readonly(),
    evidence: z.array(z.object({ status: z.string(), says: z.string(), proof })).readonly(),
  }),
  z.object({
    kind: z.literal('planned'),
    ...ofRound,
    steps: z.array(z.object({ digest: z.string(), risk: z.string(), preview: z.string() })).readonly(),
    stop: z.string().optional(),
  }),
  z.object({ kind: z.literal('offered'), ...ofStep, digest: z.string(), expiresAt: z.number() }),
  z.object({ kind: z.literal('reminded'), ...ofStep }),
  z.object({
    kind: z.literal('decided'),
    ...ofStep,
    decision: z.object({
      ...ofStep,
      digest: z.string(),
      actor,
      verdict: z.string(),
      reason: z.string().optional(),
      at: z.number(),
    }),
    complete: z.boolean(),
  }),
  z.object({ kind: z.literal('turned-down'), ...ofStep, actor, verdict: z.string(), says: z.string() }),
  z.object({
    kind: z.literal('held'),
    ...ofRound,
    token: z.number(),
    holds: z.array(z.object({ kind: z.string(), name: z.string(), how: z.string() })).readonly(),
  }),
  z.object({ kind: z.literal('taken-over'), ...ofRun, from: z.string(), ...word }),
  z.object({
    kind: z.literal('step'),
    ...ofStep,
    from: z.string(),
    to: z.string(),
    detail: z.string().optional(),
    command: z.string().optional(),
    output: output.optional(),
  }),
  z.object({ kind: z.literal('stop-asked'), ...ofStep, command: z.string() }),
  z.object({ kind: z.literal('withdrawn'), ...ofRun, because: z.string() }),
  z.object({ kind: z.literal('word-refused'), word: z.string(), run: z.string().optional(), actor, says: z.string() }),
  z.object({ kind: z.literal('cancelled'), ...ofRun, ...word }),
  z.object({ kind: z.enum(['frozen', 'unfrozen']), ...word }),
  z.object({ kind: z.literal('maintenance-announced'), ...word, until: z.number() }),
  z.object({ kind: z.literal('maintenance-ended'), ...word }),
  z.object({ kind: z.literal('dropped'), ...ofRun }),
  z.object({ kind: z.literal('ended'), ...ofRun, status: z.string(), problem: z.string().optional() }),
]);

export type EventOf<Kind extends ReadEvent['kind']> = Extract<ReadEvent, { kind: Kind }>;
