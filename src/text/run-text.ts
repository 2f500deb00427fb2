import type { Evidence, Finding } from '../core/finding.ts';
import { previewStep, stepsOf } from '../core/plan.ts';
import type { Decision, Intervention, RoundView, RunView, StepView } from '../core/run.ts';
import type { LostStep, StepPlace } from '../slack/message.ts';
import { lostSteps } from '../slack/message.ts';
import { renderOutput, renderOutputs } from '../slack/outputs.ts';
import { visible } from '../slack/visible.ts';
import * as words from '../slack/words.ts';
import { wrap } from './wrap.ts';

const WIDTH = 100;
/** As in the preview of a step, so that everything about a step stands in one column. */
const LABEL = 8;

/** Everything of a run as plain text for a terminal or a transcript. Prose is 100 columns wide; commands and outputs are whole. */
export function renderRunText(view: RunView): string {
  const sign = words.runSigns[view.status];
  const head = [
    words.requestWords(view),
    labelled('status', `${sign.mark} ${sign.words}`),
    labelled('asked by', words.actorWords(view.requester)),
    labelled('started', words.instant(view.startedAt)),
    labelled('run', view.id),
    ...saidOver(view),
    ...(view.problem === undefined ? [] : [labelled('problem', view.problem)]),
    ...(view.auditHead === undefined ? [] : [labelled('audit', `${view.auditHead.seq} ${view.auditHead.mac}`)]),
  ];
  const rounds = view.rounds.map(
    (round) => `\n${renderRoundText(view, round)}\n\nOUTPUTS of round ${round.number}\n${renderOutputs(round)}`,
  );
  return visible([...head, ...rounds].join('\n').trimEnd()) + '\n';
}

/** What was said over the whole run: that it follows another, was cancelled, is frozen. */
function saidOver({ follows, cancelled, frozen, ...view }: RunView): string[] {
  return [
    ...(follows === undefined ? [] : [labelled('follows', words.followsWords(follows))]),
    ...(cancelled === undefined ? [] : [labelled('cancel', interventionText(cancelled))]),
    ...(frozen === undefined || words.hasEnded(view)
      ? []
      : [labelled('frozen', `${interventionText(frozen)}; nothing is changed anywhere`)]),
  ];
}

function interventionText({ actor, reason, at }: Intervention | Decision): string {
  return `by ${words.actorWords(actor)}, ${words.instant(at)}${words.reasonWords(reason)}`;
}

/** One look: what was seen, what is wrong, what would repair it and what became of it; without the raw outputs of the look. */
export function renderRoundText(view: RunView, round: RoundView): string {
  const { evidence, findings } = round.diagnosis;
  const { plan } = round;
  const parts = [
    `ROUND ${round.number}: ${words.verdictWords(round)} (looked for ${words.seconds(round.lookedMs)})`,
    ...(round.changes ?? []).map((line, index) => labelled(index === 0 ? 'since' : '', line)),
    ...evidence.map(evidenceText),
    ...findings.map(findingText),
    ...('stop' in plan ? [labelled('no plan', plan.stop)] : []),
    ...stepsOf(plan).map((step, index) => stepText({ view, round, step, index, state: round.steps[index] })),
    ...lostSteps(view, round).map(lostStepText),
  ];
  return parts.join('\n');
}

/** Everything of one step: what an approval names, who decided, what came of it. */
export function renderStepText(place: StepPlace): string {
  return `${stepText(place)}\n`.trimStart();
}

function evidenceText({ status, says, seen }: Evidence): string {
  const { mark, words: word } = words.evidenceSigns[status];
  const whys = seen.flatMap((one) => (one.known ? [] : [labelled('', `${one.line}: ${one.why.says} ${one.why.toDo}`)]));
  return [labelled(`${mark} ${word}`, says), ...whys].join('\n');
}

function findingText({ code, subject, says, remedy, doNot, seen }: Finding, index: number): string {
  return [
    `\nFINDING ${index + 1}: ${code} (${subject})`,
    labelled('says', says),
    labelled('remedy', remedy),
    ...(doNot === undefined ? [] : [labelled('do not', doNot)]),
    ...seen.map(({ line }) => `  proof    ${line}`),
  ].join('\n');
}

function stepText({
  view,
  round,
  step,
  index,
  state,
}: Omit<StepPlace, 'state'> & { readonly state: StepView | undefined }): string {
  const head = `\nSTEP ${words.stepName(round, index)}: ${previewStep(step)}`;
  const left = labelled('status', `${words.LEFT_OVER.mark} ${words.LEFT_OVER.words}`);
  return [head, ...(state === undefined ? [left] : stateLines(view, state))].join('\n');
}

function lostStepText({ view, round, index, state }: LostStep): string {
  return [`\nSTEP ${words.stepName(round, index)}: ${words.LOST_STEP}`, ...stateLines(view, state)].join('\n');
}

function stateLines(view: RunView, step: StepView): string[] {
  const { mark, words: word } = words.stepSign(view, step);
  return [
    labelled('status', `${mark} ${word}`),
    labelled('digest', step.digest),
    ...(words.isOnOffer(view, step) ? [labelled('expires', words.instant(step.expiresAt))] : []),
    ...step.decisions.map((decision) => labelled('decision', `${words.decisionVerb(decision)} ${interventionText(decision)}`)),
    ...(step.progress === undefined ? [] : [labelled('progress', step.progress)]),
    ...(step.detail === undefined ? [] : [labelled('result', step.detail)]),
    ...(step.output === undefined ? [] : [renderOutput(step.output).trimEnd()]),
  ];
}

function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL)} ${wrap(text, WIDTH, LABEL + 3)}`;
}
