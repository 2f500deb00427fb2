import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import type { Risk } from '../core/command.ts';
import { targetOf } from '../core/command.ts';
import type { Intervention } from '../core/run.ts';
import type { Rich } from './blocks.ts';
import { bold, isSlackUser, moment, paragraph, person, rich, words } from './blocks.ts';
import { onOwnLines } from './chunks.ts';
import { APPROVE, DENY, encodeDecision } from './decision-value.ts';
import type { Piece } from './fit.ts';
import type { StepPlace } from './message.ts';
import { oneLine, shortened } from './visible.ts';
import * as text from './words.ts';

/** Ids of those who may approve, by risk: so that the offer can call them. */
export type Approvers = Readonly<Record<Risk, readonly string[]>>;

/** Mentions of those who may approve, or words where nobody is named one by one. */
export function whoMayApprove({ step }: StepPlace, approvers: Approvers | undefined): Rich[] {
  const { risk } = step.change;
  const called = (approvers?.[risk] ?? []).filter(isSlackUser).slice(0, 20);
  if (called.length === 0) return [words(`the approvers of changes of ${risk} risk`)];
  return called.flatMap((id) => [person({ id, name: id }), words(' ')]);
}

/** What a person must know to decide now; nothing once there is nothing to decide. */
export function offerPieces(place: StepPlace, approvers: Approvers | undefined): Piece[] {
  const { view, state } = place;
  if (!text.isOnOffer(view, state)) return [];
  if (view.frozen !== undefined) return [frozenPiece(view.frozen)];
  const how = state.needs === 1 ? 'one approval is enough' : `${state.needs} different people must approve`;
  const who = whoMayApprove(place, approvers);
  const line = paragraph(bold('Who may approve: '), ...who, words(` (${how}; ${text.approvalsWords(state)})`));
  return [{ first: true, whole: [rich(line)] }];
}

export function frozenPiece({ actor, reason, at }: Intervention): Piece {
  const since = paragraph(
    bold('Frozen by '),
    person(actor),
    words(' since '),
    moment(at),
    bold(': nothing is changed anywhere.'),
  );
  return { first: true, whole: [rich(...onOwnLines([since, ...reasonLines(reason)]))] };
}

export function cancelledPiece({ actor, reason, at }: Intervention): Piece {
  const when = paragraph(bold('Cancelled by '), person(actor), words(' at '), moment(at));
  return { first: true, whole: [rich(...onOwnLines([when, ...reasonLines(reason)]))] };
}

function reasonLines(reason: string) {
  return reason === '' ? [] : [paragraph(words(`Reason: ${reason}`))];
}

/** Approve, while that can count, and Deny. */
export function decisionButtons(place: StepPlace): KnownBlock[] {
  const { view, round, index, state } = place;
  if (!text.isOnOffer(view, state)) return [];
  const value = encodeDecision({ run: view.id, round: round.number, step: index, digest: state.digest });
  const actions: ActionsBlock = {
    type: 'actions',
    block_id: `decide-${round.number}-${index}-${state.digest}`,
    elements: [...(text.canBeApproved(view, state) ? [approveButton(place, value)] : []), denyButton(value)],
  };
  return [actions];
}

/** A destructive change is confirmed by typing, in a window of its own. */
function approveButton({ step, state }: StepPlace, value: string): Button {
  const { risk, command } = step.change;
  const typed = risk === 'destructive';
  const button: Button = {
    type: 'button',
    action_id: APPROVE,
    style: typed ? 'danger' : 'primary',
    text: { type: 'plain_text', text: typed ? 'Approve…' : 'Approve', emoji: false },
    value,
  };
  if (typed) return button;
  const target = shortened(oneLine(targetOf(command)), 80);
  const says = `The command shown will run on ${target} as it stands there (digest ${shortened(state.digest, 20)}).`;
  return {
    ...button,
    confirm: {
      title: { type: 'plain_text', text: `Approve a change of ${risk} risk?`, emoji: false },
      text: { type: 'plain_text', text: says, emoji: false },
      confirm: { type: 'plain_text', text: 'Approve', emoji: false },
      deny: { type: 'plain_text', text: 'Not now', emoji: false },
      style: risk === 'normal' ? 'primary' : 'danger',
    },
  };
}

function denyButton(value: string): Button {
  return {
    type: 'button',
    action_id: DENY,
    style: 'danger',
    text: { type: 'plain_text', text: 'Deny…', emoji: false },
    value,
  };
}
