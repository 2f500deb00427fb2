import { stepsOf } from '../../core/plan.ts';
import type { RoundView, RunView } from '../../core/run.ts';
import type { Part, StepPlace } from '../message.ts';
import { renderRound } from '../round-message.ts';
import { renderRun } from '../run-message.ts';
import type { Approvers } from '../step-message.ts';
import { renderStep } from '../step-message.ts';
import { stepName, wasOffered } from '../words.ts';
import { renderProofFile, renderResultFile, renderRunFile, renderStepFile } from './files.ts';

/** All messages and files of a run in the order in which they appear; the first is its root. */
export function partsOf(view: RunView, approvers?: Approvers): readonly Part[] {
  const { complete, ...message } = renderRun(view);
  const ended = view.status === 'finished' || view.status === 'broken';
  return [
    { kind: 'message', key: 'root', message },
    ...view.rounds.flatMap((round) => roundParts(view, round, approvers)),
    ...(complete || !ended ? [] : [{ kind: 'file', key: 'file run', file: renderRunFile(view) } as const]),
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
  ];
}

/** A file that an offer refers to comes before it: nobody can approve what is not there to read. */
function stepParts(place: StepPlace, approvers: Approvers | undefined): Part[] {
  const name = stepName(place.round, place.index);
  const { complete, outputShown, ...message } = renderStep(place, approvers);
  const file = `file ${name}`;
  return [
    ...(complete ? [] : [{ kind: 'file', key: file, file: renderStepFile(place) } as const]),
    { kind: 'message', key: `step ${name}`, message, ...(complete ? {} : { needs: file }) },
    ...(!hasEnded(place) || (complete && outputShown)
      ? []
      : [{ kind: 'file', key: `result ${name}`, file: renderResultFile(place) } as const]),
  ];
}

function hasEnded({ state }: StepPlace): boolean {
  return !['waiting', 'approved', 'started'].includes(state.status);
}
