import type { DecisionTarget } from './decision-value.ts';

/** Where the answer to a submitted modal goes: Slack gives it no address of its own. */
export interface AnswerPlace {
  readonly channel: string;
  readonly thread?: string | undefined;
}

export interface RunModalTarget extends AnswerPlace {
  readonly run: string;
}

export interface DecisionModalTarget extends AnswerPlace, DecisionTarget {}

/** What the modal is about, for Slack to keep meanwhile. It gives no right to anything. */
export function encodeTarget(target: DecisionModalTarget | RunModalTarget): string {
  return JSON.stringify(target);
}
