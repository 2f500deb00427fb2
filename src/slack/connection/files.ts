import { previewStep } from '../../core/plan.ts';
import type { RoundView, RunView } from '../../core/run.ts';
import { renderRoundText, renderRunText, renderStepText } from '../../text/run-text.ts';
import type { StepPlace, TextFile } from '../message.ts';
import { fileName, resultFileName, roundFileName, stepFileName } from '../message.ts';
import { renderOutputs, seenIn } from '../outputs.ts';
import { visible } from '../visible.ts';
import { count, requestWords, stepName } from '../words.ts';

/** All that a look found as text, and below it every output of it, verbatim and whole. */
export function renderProofFile(view: RunView, round: RoundView): TextFile {
  const asOfLook = { ...round, steps: [] };
  return {
    name: roundFileName(view, round),
    title: `Round ${round.number}: ${count(seenIn(round).length, 'output')}`,
    content: `${requestWords(view)}, run ${view.id}\n\n${renderRoundText(view, asOfLook)}\n\n${renderOutputs(round)}`,
  };
}

/** Everything that an approval of this step names. */
export function renderStepFile(place: StepPlace): TextFile {
  const name = stepName(place.round, place.index);
  return {
    name: stepFileName(place),
    title: `Step ${name}: everything that is to be approved`,
    content: `${visible(previewStep(place.step))}\n`,
  };
}

/** What became of a step that has ended, with all that its command printed. */
export function renderResultFile(place: StepPlace): TextFile {
  const title = `Step ${stepName(place.round, place.index)}: result`;
  return { name: resultFileName(place), title, content: renderStepText(place) };
}

/** The whole run, once it has ended. */
export function renderRunFile(view: RunView): TextFile {
  return { name: fileName(view.id, 'all'), title: 'The whole run', content: renderRunText(view) };
}
