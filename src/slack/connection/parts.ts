import { stepsOf } from '../../core/plan.ts';
import type { RoundView, RunView, StepStatus } from '../../core/run.ts';
import type { LostStep, Part, StepPlace } from '../message.ts';
import { lostSteps } from '../message.ts';
import type { Approvers } from '../offer.ts';
import { renderRound } from '../round-message.ts';
import { renderRun } from '../run-message.ts';
import { renderLostStep, renderStep } from '../step-message.ts';
import { renderWarning } from '../warning-message.ts';
import { hasEnded, isOnOffer, stepName, wasOffered } from '../words.ts';
import { renderProofFile, renderResultFile, renderRunFile, renderStepFile } from './files.ts';

/** All messages and files of a run in the order in which they appear; the first is its root. */
export function partsOf(view: RunView, approvers?: Approvers): readonly Part[] {
  const { complete, ...message } = renderRun(view);
  return [
    { kind: 'message', key: 'root', message },
    ...view.rounds.flatMap((round) => roundParts(view, round, approvers)),
    ...(complete || !hasEnded(view) ? [] : [{ kind: 'file', key: 'file run', file: renderRunFile(view) } as const]),
  ];
}

function roundParts(view: RunView, round: RoundView, approvers: Approvers | undefined): Part[] {
  const { number } = round;
  return [
    { kind: 'message', key: `round ${number}`, message: renderRound(view, round) },
    { kind: 'file', key: `file ${number}`, file: renderProofFile(view, round) },
    ...stepsOf(round.plan).flatMap((step, index) => {
      const state = round.steps[index];
      return state === undefined || !wasOffered(state) ? [] : stepParts({ view, round, step, index, state }, approvers);
    }),
    ...lostSteps(view, round).flatMap(lostParts),
  ];
}

/** What a step becomes whose plan this version found lost; what ended before, its message shows already. */
const SHOWN: readonly StepStatus[] = ['done', 'failed'];

/** Takes the buttons away where there may be some, and tells the end; a message that has told it is worth keeping. */
function lostParts(place: LostStep): Part[] {
  if (SHOWN.includes(place.state.status)) return [];
  const key = `step ${stepName(place.round, place.index)}`;
  return [{ kind: 'message', key, message: renderLostStep(place), onlyUpdate: true }];
}

/** A file that an offer refers to comes before it: nobody can approve what is not there to read. */
function stepParts(place: StepPlace, approvers: Approvers | undefined): Part[] {
  const name = stepName(place.round, place.index);
  const { complete, outputShown, ...message } = renderStep(place, approvers);
  const file = `file ${name}`;
  return [
    ...(complete ? [] : [{ kind: 'file', key: file, file: renderStepFile(place) } as const]),
    { kind: 'message', key: `step ${name}`, message, ...(complete ? {} : { needs: file }) },
    ...warningParts(place, approvers),
    ...(!stepHasEnded(place) || (complete && outputShown)
      ? []
      : [{ kind: 'file', key: `result ${name}`, file: renderResultFile(place) } as const]),
  ];
}

/** A reminder that is over is worth an update, and no message. */
function warningParts(place: StepPlace, approvers: Approvers | undefined): Part[] {
  const { view, round, index, state } = place;
  const onOffer = isOnOffer(view, state);
  if (onOffer && state.warned !== true) return [];
  const part = { kind: 'message', key: `warning ${stepName(round, index)}`, message: renderWarning(place, approvers) } as const;
  return [onOffer ? part : { ...part, onlyUpdate: true }];
}

function stepHasEnded({ state }: StepPlace): boolean {
  return !['waiting', 'approved', 'started'].includes(state.status);
}
