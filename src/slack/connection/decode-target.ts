import { z } from 'zod';
import type { SilenceTarget } from '../incident-modal.ts';
import type { AnswerPlace, DecisionModalTarget, RunModalTarget } from '../modal-target.ts';

const place = { channel: z.string(), thread: z.string().optional() };
const Place = z.object(place);
const RunTarget = z.strictObject({ run: z.string(), ...place });
const DecisionTarget = z.strictObject({ ...RunTarget.shape, round: z.number(), step: z.number(), digest: z.string() });
const Silence = z.strictObject({ incident: z.string(), shown: z.string(), ...place });

/** These return undefined when the private metadata is not of one of our modals of that kind. */
export function decodeDecisionTarget(metadata: string): DecisionModalTarget | undefined {
  return DecisionTarget.safeParse(parsed(metadata)).data;
}

export function decodeRunTarget(metadata: string): RunModalTarget | undefined {
  return RunTarget.safeParse(parsed(metadata)).data;
}

export function decodeSilenceTarget(metadata: string): SilenceTarget | undefined {
  return Silence.safeParse(parsed(metadata)).data;
}

/** Where the answer to any of our modals goes. */
export function decodePlace(metadata: string): AnswerPlace | undefined {
  return Place.safeParse(parsed(metadata)).data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
