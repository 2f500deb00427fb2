import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import type { Risk } from '../core/command.ts';
import { show, targetOf } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import type { Check, Step } from '../core/plan.ts';
import type { Decision } from '../core/run.ts';
import type { Rich } from './blocks.ts';
import {
  bold,
  code,
  context,
  escaped,
  fallback,
  header,
  isSlackUser,
  moment,
  mrkdwnMoment,
  paragraph,
  person,
  preformatted,
  rich,
  words,
} from './blocks.ts';
import { APPROVE, DENY, encodeDecision } from './decision-value.ts';
import type { Piece } from './fit.ts';
import { fit } from './fit.ts';
import type { Message, StepPlace } from './message.ts';
import { resultFileName, stepFileName } from './message.ts';
import { renderOutput } from './outputs.ts';
import { oneLine, shortened } from './visible.ts';
import * as text from './words.ts';

/** Ids of those who may approve, by risk: so that the offer can call them. */
export type Approvers = Readonly<Record<Risk, readonly string[]>>;

export interface StepMessage extends Message {
  /** False: everything that is approved must be in the step's file. */
  readonly complete: boolean;
  /** False: what the command printed must be in the file of the result. */
  readonly outputShown: boolean;
}

/** What a change printed is seldom what one wants to read first; longer outputs are whole in a file. */
const LONG_OUTPUT = 600;

/** One step for the thread: everything that an approval of it names, and what became of it. */
export function renderStep(place: StepPlace, approvers?: Approvers): StepMessage {
  const { view, round, step, index, state } = place;
  const title = `Step ${text.stepName(round, index)}: ${step.title}`;
  const outputShown = state.output === undefined || renderOutput(state.output).length <= LONG_OUTPUT;
  const fitted = fit({
    head: [header(title), rich(paragraph(bold(statusWords(place))))],
    pieces: [commandPiece(place), ...aboutPieces(step), ...statePieces(place, outputShown), ...offerPieces(place, approvers)],
    tail: [context(smallPrint(place)), ...buttons(place)],
    moved: [
      rich(
        paragraph(bold('Not everything fits here. '), words('Read '), code(stepFileName(place)), words(' in this thread first.')),
      ),
    ],
  });
  return { text: fallback(`${title}: ${text.stepSign(view, state).words}`), ...fitted, outputShown };
}

function statusWords({ view, state }: StepPlace): string {
  const sign = text.stepSign(view, state);
  return `${sign.mark} ${sign.words}`;
}

function commandPiece(place: StepPlace): Piece {
  const { change } = place.step;
  const risk = paragraph(
    bold(`Risk: ${change.risk}`),
    words(` · the command is ended after ${text.seconds(change.command.timeoutMs)} · target: ${targetOf(change.command)}`),
  );
  const file = code(stepFileName(place));
  return {
    first: true,
    whole: [rich(paragraph(bold('Runs exactly this:')), preformatted(show(change.command)), risk)],
    instead: [
      rich(paragraph(bold('Its command is too long for a message: '), words('it is whole in '), file, words(' in this thread.'))),
    ],
  };
}

function aboutPieces({ title, because, before, after, undo, warnings = [] }: Step): Piece[] {
  const reason = paragraph(bold('Because '), code(because.code), words(` ${because.subject}: ${because.says}`));
  const undoing =
    'none' in undo ? [paragraph(bold('Undo: '), words(undo.none))] : [paragraph(bold('Undo:')), preformatted(show(undo.command))];
  const verifying = `Verified by: ${after.says} (within ${text.seconds(after.withinMs)})`;
  return [
    ...warnings.map((warning) => ({ first: true, whole: [rich(paragraph(bold('Warning: '), words(warning)))] })),
    ...(title.length > 100 ? [{ whole: [rich(paragraph(words(title)))] }] : []),
    { whole: [rich(reason)] },
    ...before.map((check) => checkPiece(`Only if: ${check.says}`, check)),
    checkPiece(verifying, after),
    { whole: [rich(...undoing)] },
  ];
}

function checkPiece(says: string, { line }: Check): Piece {
  return { whole: [rich(paragraph(words(says)), preformatted(line))] };
}

function statePieces(place: StepPlace, outputShown: boolean): Piece[] {
  const { decisions, detail, output } = place.state;
  return [
    ...decisions.map((decision) => ({ first: true, whole: [rich(decisionLine(decision))] })),
    ...(detail === undefined ? [] : [{ whole: [rich(paragraph(bold('Result: '), words(detail)))] }]),
    ...(output === undefined ? [] : [outputPiece(place, output, outputShown)]),
  ];
}

function decisionLine(decision: Decision) {
  return paragraph(bold(`${text.decisionVerb(decision)} by `), person(decision.actor), words(' at '), moment(decision.at));
}

function outputPiece(place: StepPlace, output: Output, shown: boolean): Piece {
  if (shown) return { whole: [rich(paragraph(bold('Output:')), preformatted(renderOutput(output).trimEnd()))] };
  return {
    whole: [
      rich(paragraph(bold('Output: '), words(`exit code ${output.exitCode}; all of it is in `), code(resultFileName(place)))),
    ],
  };
}

function offerPieces({ view, step, state }: StepPlace, approvers: Approvers | undefined): Piece[] {
  if (!text.isOnOffer(view, state)) return [];
  const { risk } = step.change;
  const called = (approvers?.[risk] ?? []).filter(isSlackUser).slice(0, 20);
  const who: Rich[] =
    called.length === 0
      ? [words(`the approvers of changes of ${risk} risk`)]
      : called.flatMap((id) => [person({ id, name: id }), words(' ')]);
  const how = state.needs === 1 ? 'one approval is enough' : `${state.needs} different people must approve`;
  return [
    {
      first: true,
      whole: [rich(paragraph(bold('Who may approve: '), ...who, words(` (${how}; ${text.approvalsWords(state)})`)))],
    },
  ];
}

function smallPrint({ view, state }: StepPlace): string {
  const expiry = text.isOnOffer(view, state) ? ` · the offer ends ${mrkdwnMoment(state.expiresAt)}` : '';
  return `digest \`${escaped(state.digest)}\`${expiry} · run ${escaped(view.id)}`;
}

function buttons(place: StepPlace): KnownBlock[] {
  const { view, round, index, state } = place;
  if (!text.isOnOffer(view, state)) return [];
  const value = encodeDecision({ run: view.id, round: round.number, step: index, digest: state.digest });
  const actions: ActionsBlock = {
    type: 'actions',
    block_id: `decide-${round.number}-${index}-${state.digest}`,
    elements: [approveButton(place, value), denyButton(value)],
  };
  return [actions];
}

function approveButton({ step, state }: StepPlace, value: string): Button {
  const { risk, command } = step.change;
  const target = shortened(oneLine(targetOf(command)), 80);
  return {
    type: 'button',
    action_id: APPROVE,
    style: 'primary',
    text: { type: 'plain_text', text: 'Approve', emoji: false },
    value,
    confirm: {
      title: { type: 'plain_text', text: `Approve a change of ${risk} risk?`, emoji: false },
      text: {
        type: 'plain_text',
        text: `The command shown will run on ${target} as it stands there (digest ${shortened(state.digest, 20)}).`,
        emoji: false,
      },
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
    text: { type: 'plain_text', text: 'Deny', emoji: false },
    value,
    confirm: {
      title: { type: 'plain_text', text: 'Deny this change?', emoji: false },
      text: { type: 'plain_text', text: 'It will not be made, and the run ends.', emoji: false },
      confirm: { type: 'plain_text', text: 'Deny', emoji: false },
      deny: { type: 'plain_text', text: 'Not now', emoji: false },
      style: 'danger',
    },
  };
}
