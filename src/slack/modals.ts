import type { InputBlock, KnownBlock, ModalView } from '@slack/types';
import { wordToType } from '../core/plan.ts';
import type { Actor, RunView } from '../core/run.ts';
import { commandPiece, holdsPiece, undoPiece, warningPieces } from './about-step.ts';
import { bold, code, paragraph, rich, words } from './blocks.ts';
import type { Piece } from './fit.ts';
import { fit } from './fit.ts';
import type { StepPlace } from './message.ts';
import { stepFileName } from './message.ts';
import type { AnswerPlace, DecisionModalTarget, RunModalTarget } from './modal-target.ts';
import { encodeTarget } from './modal-target.ts';
import { oneLine, shortened, visible } from './visible.ts';
import * as text from './words.ts';

export const DENY_VIEW = 'storagebot:deny-view';
export const APPROVE_VIEW = 'storagebot:approve-view';
export const CANCEL_VIEW = 'storagebot:cancel-view';
export const TAKE_OVER_VIEW = 'storagebot:take-over-view';

/** Block and action of the one input that each modal has. */
export const REASON = 'reason';
export const TYPED = 'typed';

export const MIN_REASON = 3;
export const MAX_REASON = 500;

const MAX_LABEL = 2_000;
const MAX_TYPED = 3_000;

/** Asks why a step is denied. Who asked for the run may leave the reason out. */
export function denyModal(place: StepPlace, target: DecisionModalTarget, actor: Actor): ModalView {
  const own = place.view.requester.id === actor.id;
  return modal(
    { callback: DENY_VIEW, title: 'Deny this change?', submit: 'Deny', metadata: encodeTarget(target) },
    stepBlocks(place, [], reasonInput('Why it must not be made', own)),
  );
}

/** Shows what a destructive change does and asks for the name of what it changes. */
export function confirmModal(place: StepPlace, target: DecisionModalTarget): ModalView {
  const { step } = place;
  const word = visible(wordToType(step));
  return modal(
    { callback: APPROVE_VIEW, title: 'Approve this change?', submit: 'Approve', metadata: encodeTarget(target) },
    stepBlocks(place, [...warningPieces(step), holdsPiece(step), undoPiece(step)], typedInput(word)),
  );
}

export function cancelModal(view: RunView, place: AnswerPlace): ModalView {
  const means =
    'What is being changed now is stopped where that can be done; what is done stays done. Nothing else will be changed.';
  return runModal({ callback: CANCEL_VIEW, title: 'Cancel this run?', submit: 'Cancel the run' }, view, { place, means });
}

export function takeOverModal(view: RunView, place: AnswerPlace): ModalView {
  const means = 'The run that holds what this one needs loses it and can change nothing more.';
  return runModal({ callback: TAKE_OVER_VIEW, title: 'Take it over?', submit: 'Take it over' }, view, { place, means });
}

/** In the place of a modal whose answer cannot be known now. */
export function wordsModal(says: string): ModalView {
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'storagebot', emoji: false },
    close: { type: 'plain_text', text: 'Close', emoji: false },
    blocks: [rich(paragraph(words(says)))],
  };
}

interface Frame {
  readonly callback: string;
  /** At most 24 characters, as is `submit`. */
  readonly title: string;
  readonly submit: string;
}

function runModal(frame: Frame, view: RunView, { place, means }: { place: AnswerPlace; means: string }): ModalView {
  const target: RunModalTarget = { run: view.id, ...place };
  const about = rich(paragraph(bold(shortened(oneLine(text.requestWords(view)), 300)), words(` · run ${view.id}`)));
  const blocks = [about, rich(paragraph(words(means))), reasonInput('Why', false)];
  return modal({ ...frame, metadata: encodeTarget(target) }, blocks);
}

function modal({ callback, title, submit, metadata }: Frame & { metadata: string }, blocks: readonly KnownBlock[]): ModalView {
  return {
    type: 'modal',
    callback_id: callback,
    private_metadata: metadata,
    title: { type: 'plain_text', text: title, emoji: false },
    submit: { type: 'plain_text', text: submit, emoji: false },
    close: { type: 'plain_text', text: 'Not now', emoji: false },
    blocks: [...blocks],
  };
}

/** The step as its message shows it, as far as it has room: the message in the thread has all of it. */
function stepBlocks(place: StepPlace, about: readonly Piece[], input: InputBlock): readonly KnownBlock[] {
  const name = text.stepName(place.round, place.index);
  return fit({
    head: [rich(paragraph(bold(shortened(oneLine(`Step ${name}: ${place.step.title}`), 300))))],
    pieces: [{ ...commandPiece(place), instead: [inThread('Its command is too long for this window: ', place)] }, ...about],
    tail: [input],
    moved: [inThread('Not everything fits here: ', place)],
  }).blocks;
}

function inThread(what: string, place: StepPlace): KnownBlock {
  const where = 'it is whole in the thread, in the message of this step or in ';
  return rich(paragraph(bold(what), words(where), code(stepFileName(place)), words('.')));
}

function reasonInput(label: string, optional: boolean): InputBlock {
  return {
    type: 'input',
    block_id: REASON,
    optional,
    label: { type: 'plain_text', text: label, emoji: false },
    hint: { type: 'plain_text', text: 'Everybody in this channel reads it, and it is kept.', emoji: false },
    element: {
      type: 'plain_text_input',
      action_id: REASON,
      multiline: true,
      min_length: MIN_REASON,
      max_length: MAX_REASON,
      focus_on_load: true,
    },
  };
}

function typedInput(word: string): InputBlock {
  return {
    type: 'input',
    block_id: TYPED,
    label: { type: 'plain_text', text: shortened(`Type ${word} to approve`, MAX_LABEL), emoji: false },
    element: { type: 'plain_text_input', action_id: TYPED, max_length: MAX_TYPED, focus_on_load: true },
  };
}
