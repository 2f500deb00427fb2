import type { DecisionRequest } from '../core/ports.ts';

export const APPROVE = 'storagebot:approve';
export const DENY = 'storagebot:deny';

export type DecisionTarget = Pick<DecisionRequest, 'run' | 'round' | 'step' | 'digest'>;

/** What a button carries: which step it decides, and of which version of the plan. It gives no right to anything. */
export function encodeDecision({ run, round, step, digest }: DecisionTarget): string {
  return [run, round, step, digest].join(':');
}

/** Undefined when this is not the value of one of our buttons. */
export function decodeDecision(value: string): DecisionTarget | undefined {
  const [, run, round, step, digest] = /^([\w-]{1,100}):(\d{1,4}):(\d{1,4}):([\w-]{1,100})$/.exec(value) ?? [];
  if (run === undefined || digest === undefined) return undefined;
  return { run, round: Number(round), step: Number(step), digest };
}
