import { stepsOf } from '../core/plan.ts';
import type { RoundView, RunView } from '../core/run.ts';
import { bold, code, context, escaped, fallback, header, mrkdwnMoment, paragraph, person, rich, words } from './blocks.ts';
import { chunked } from './chunks.ts';
import type { Fitted, Piece } from './fit.ts';
import { fit } from './fit.ts';
import type { Message } from './message.ts';
import { lostSteps } from './message.ts';
import { cancelledPiece, frozenPiece } from './offer.ts';
import { runButtons } from './run-buttons.ts';
import * as text from './words.ts';

/** The root message of a run: what was asked, where it stands, what was found, and one line for each step. */
export function renderRun(view: RunView): Message & Pick<Fitted, 'complete'> {
  const sign = text.runSigns[view.status];
  const fitted = fit({
    head: [
      header(text.requestWords(view)),
      rich(paragraph(bold(`${sign.mark} ${sign.words}`), words(` · asked by `), person(view.requester))),
    ],
    pieces: [
      ...requestPieces(view),
      ...wordPieces(view),
      ...problemPieces(view),
      ...view.rounds.flatMap((round) => roundPieces(view, round)),
    ],
    tail: [context(smallPrint(view)), ...runButtons(view)],
    moved: [rich(paragraph(words('More than fits here: the messages and files of this thread hold all of it.')))],
  });
  return { text: fallback(summary(view)), ...fitted };
}

/** One line for a notification. */
export function summary(view: RunView): string {
  const last = view.rounds.at(-1);
  const found = last === undefined ? '' : `; ${text.verdictWords(last)}`;
  return `${text.requestWords(view)}: ${text.runSigns[view.status].words}${found}`;
}

/** A header holds 150 characters. */
function requestPieces(view: RunView): Piece[] {
  const request = text.requestWords(view);
  return request.length <= 150 ? [] : [{ whole: [rich(paragraph(words(request)))] }];
}

/** What was said over the whole run: that it follows another, was cancelled, is frozen. */
function wordPieces({ follows, cancelled, frozen, ...view }: RunView): Piece[] {
  const follow = follows === undefined ? [] : [rich(paragraph(words(`This run ${text.followsWords(follows)}.`)))];
  return [
    ...follow.map((line) => ({ first: true, whole: [line] })),
    ...(cancelled === undefined ? [] : [cancelledPiece(cancelled)]),
    ...(frozen === undefined || text.hasEnded(view) ? [] : [frozenPiece(frozen)]),
  ];
}

/** The code of the audit trail stands here whole: it is what proves later that the trail was not cut. */
function smallPrint({ id, startedAt, auditHead }: RunView): string {
  const audit = auditHead === undefined ? '' : ` · audit ${auditHead.seq} · ${escaped(auditHead.mac)}`;
  return `run ${escaped(id)} · started ${mrkdwnMoment(startedAt)}${audit}`;
}

function problemPieces({ problem }: RunView): Piece[] {
  if (problem === undefined) return [];
  return [{ first: true, whole: [rich(paragraph(bold('Problem: '), words(problem)))] }];
}

function roundPieces(view: RunView, round: RoundView): Piece[] {
  const { findings } = round.diagnosis;
  const title = `${view.rounds.length > 1 ? `Round ${round.number}: ` : ''}${text.verdictWords(round)}${fixedWords(view, round)}`;
  return [
    { first: true, whole: [rich(paragraph(bold(title)))] },
    ...chunked(
      findings.map(({ code: name, subject, says }) => paragraph(words('✗ '), code(name), words(` ${subject}: ${says}`))),
    ),
    ...('stop' in round.plan ? [{ whole: [rich(paragraph(bold('No change is proposed: '), words(round.plan.stop)))] }] : []),
    ...chunked([
      ...stepsOf(round.plan).map(({ title }, index) => stepLine(view, round, { title, index })),
      ...lostSteps(view, round).map(({ index }) => stepLine(view, round, { title: text.LOST_STEP, index })),
    ]),
  ];
}

function fixedWords({ rounds, status }: RunView, round: RoundView): string {
  const before = rounds.some(({ diagnosis, number }) => number < round.number && diagnosis.findings.length > 0);
  const well = round.diagnosis.findings.length === 0 && round.diagnosis.evidence.every(({ status: seen }) => seen === 'ok');
  return status === 'finished' && before && well && round === rounds.at(-1) ? ': the diagnosis ran again after the change' : '';
}

function stepLine(view: RunView, round: RoundView, { title, index }: { title: string; index: number }) {
  const state = round.steps[index];
  const sign = state === undefined ? text.LEFT_OVER : text.stepSign(view, state);
  return paragraph(words(`${sign.mark} Step ${text.stepName(round, index)}: ${title}: `), bold(sign.words));
}
