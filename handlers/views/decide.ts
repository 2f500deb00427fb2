import type { DecisionRequest } from '../../src/core/ports.ts';
import { decodeDecisionTarget } from '../../src/slack/connection/decode-target.ts';
import type { DecisionModalTarget } from '../../src/slack/modal-target.ts';
import { REASON, TYPED } from '../../src/slack/modals.ts';
import { decide, decisionMessage, offerOf } from '../deciding.ts';
import type { Submission, SubmissionListener } from '../interaction.ts';
import { onSubmission } from '../interaction.ts';
import { reasonFrom } from '../reason.ts';
import type { HandlerContext } from '../requests.ts';

export function denySubmission(context: HandlerContext): SubmissionListener {
  return onDecision(context, REASON, (typed) => ({ verdict: 'deny', ...(typed === '' ? {} : { reason: reasonFrom(typed) }) }));
}

export function approveSubmission(context: HandlerContext): SubmissionListener {
  return onDecision(context, TYPED, (typed) => ({ verdict: 'approve', typed }));
}

type Said = Pick<DecisionRequest, 'verdict' | 'reason' | 'typed'>;

function onDecision(context: HandlerContext, field: string, said: (typed: string) => Said): SubmissionListener {
  const reply = async ({ target, typed, actor, key }: Submission<DecisionModalTarget>) => {
    const { run, round, step, digest } = target;
    const answer = await decide(context, { run, round, step, digest, actor, key, ...said(typed) });
    const open = !answer.accepted && answer.heldBy === undefined && (await offerOf(context, target)) !== undefined;
    return { says: answer.says, correctable: open, message: decisionMessage(answer, target) };
  };
  return onSubmission(context, { field, decode: decodeDecisionTarget, reply });
}
