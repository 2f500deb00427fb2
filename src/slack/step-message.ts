import type { Output } from '../core/output.ts';
import type { Decision } from '../core/run.ts';
import { aboutPieces, commandPiece } from './about-step.ts';
import {
  bold,
  code,
  context,
  decider,
  escaped,
  fallback,
  header,
  moment,
  mrkdwnMoment,
  paragraph,
  preformatted,
  rich,
  words,
} from './blocks.ts';
import type { Piece } from './fit.ts';
import { fit } from './fit.ts';
import type { LostStep, Message, StepPlace } from './message.ts';
import { resultFileName, stepFileName } from './message.ts';
import type { Approvers } from './offer.ts';
import { decisionButtons, offerPieces } from './offer.ts';
import { renderOutput } from './outputs.ts';
import { againButton } from './run-buttons.ts';
import * as text from './words.ts';

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
    tail: [context(smallPrint(place)), ...decisionButtons(place), ...againButton(view, state)],
    moved: [
      rich(
        paragraph(bold('Not everything fits here. '), words('Read '), code(stepFileName(place)), words(' in this thread first.')),
      ),
    ],
  });
  return { text: fallback(`${title}: ${text.stepSign(view, state).words}`), ...fitted, outputShown };
}

/** In the place of a step that cannot be shown any more: what became of it, and nothing to press that could do it. */
export function renderLostStep({ view, round, index, state }: LostStep): Message {
  const title = `Step ${text.stepName(round, index)}`;
  const { blocks } = fit({
    head: [header(title), rich(paragraph(bold(text.LOST_STEP)))],
    pieces: [
      ...(text.isOnOffer(view, state) ? [] : [{ whole: [rich(paragraph(words(statusWords({ view, state }))))] }]),
      ...state.decisions.map((decision) => ({ whole: [rich(decisionLine(decision))] })),
      ...(state.detail === undefined ? [] : [{ whole: [rich(paragraph(bold('Result: '), words(state.detail)))] }]),
    ],
    tail: [context(smallPrint({ view, state })), ...againButton(view, state)],
    moved: [rich(paragraph(words('Not everything fits here.')))],
  });
  return { text: fallback(`${title}: ${text.LOST_STEP}`), blocks };
}

function statusWords({ view, state }: Pick<StepPlace, 'view' | 'state'>): string {
  const sign = text.stepSign(view, state);
  return `${sign.mark} ${sign.words}`;
}

function statePieces(place: StepPlace, outputShown: boolean): Piece[] {
  const { decisions, detail, output, progress } = place.state;
  return [
    ...decisions.map((decision) => ({ first: true, whole: [rich(decisionLine(decision))] })),
    ...(progress === undefined ? [] : [{ first: true, whole: [rich(paragraph(bold('Progress: '), words(progress)))] }]),
    ...(detail === undefined ? [] : [{ first: true, whole: [rich(paragraph(bold('Result: '), words(detail)))] }]),
    ...(output === undefined ? [] : [outputPiece(place, output, outputShown)]),
  ];
}

function decisionLine(decision: Decision) {
  const { actor, at, reason } = decision;
  const why = words(text.reasonWords(reason));
  return paragraph(bold(`${text.decisionVerb(decision)} by `), ...decider(actor), words(' at '), moment(at), why);
}

function outputPiece(place: StepPlace, output: Output, shown: boolean): Piece {
  if (shown) return { whole: [rich(paragraph(bold('Output:')), preformatted(renderOutput(output).trimEnd()))] };
  return {
    whole: [
      rich(paragraph(bold('Output: '), words(`exit code ${output.exitCode}; all of it is in `), code(resultFileName(place)))),
    ],
  };
}

function smallPrint({ view, state }: Pick<StepPlace, 'view' | 'state'>): string {
  const expiry = text.isOnOffer(view, state) ? ` · the offer ends ${mrkdwnMoment(state.expiresAt)}` : '';
  return `digest \`${escaped(state.digest)}\`${expiry} · run ${escaped(view.id)}`;
}
