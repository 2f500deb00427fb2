import type { Evidence, Finding } from '../core/finding.ts';
import { stepsOf } from '../core/plan.ts';
import type { Known } from '../core/reading.ts';
import type { RoundView, RunView } from '../core/run.ts';
import { bold, code, context, escaped, fallback, header, paragraph, preformatted, rich, words } from './blocks.ts';
import { chunked, onOwnLines } from './chunks.ts';
import type { Piece } from './fit.ts';
import { fit } from './fit.ts';
import type { Message } from './message.ts';
import { roundFileName } from './message.ts';
import { renderOutput } from './outputs.ts';
import * as text from './words.ts';

/** A proof up to this long is shown in the message too; all proofs are in the file. */
const SHORT_OUTPUT = 400;

/** One look, for the thread: all that was looked at, what is wrong, and what proves it. */
export function renderRound(view: RunView, round: RoundView): Message {
  const { evidence, findings } = round.diagnosis;
  const file = roundFileName(view, round);
  const { blocks } = fit({
    head: [header(`Round ${round.number}: ${text.verdictWords(round)}`)],
    pieces: [
      ...changePieces(round, file),
      ...findings.map((finding) => findingPiece(finding, file)),
      ...chunked(worstFirst(evidence).map(evidenceLine)),
      ...planPieces(round),
    ],
    tail: [
      context(`looked for ${text.seconds(round.lookedMs)} without changing anything · outputs: ${escaped(file)} in this thread`),
    ],
    moved: [
      rich(paragraph(bold('Not everything fits here. '), words('The whole text is in '), code(file), words(' in this thread.'))),
    ],
  });
  return { text: fallback(`Round ${round.number}: ${text.verdictWords(round)}`), blocks };
}

const ORDER: readonly Evidence['status'][] = ['bad', 'unknown', 'ok'];

function worstFirst(evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

function evidenceLine({ status, says, seen }: Evidence) {
  const { mark, words: word } = text.evidenceSigns[status];
  const whys = seen.flatMap((one) =>
    one.known ? [] : [words(`\n      ${one.line}: ${one.why.says} ${one.why.toDo}`, { italic: true })],
  );
  return paragraph(bold(`${mark} ${word}: `), words(says), ...whys);
}

function findingPiece(finding: Finding, file: string): Piece {
  const { code: name, subject, says, remedy, doNot, seen } = finding;
  const title = paragraph(bold('✗ '), code(name), bold(` ${subject}`));
  const body = [
    title,
    paragraph(words(says)),
    paragraph(bold('Remedy: '), words(remedy)),
    ...(doNot === undefined ? [] : [paragraph(bold('Do not: '), words(doNot))]),
    paragraph(bold('Proved by:')),
  ];
  const instead = paragraph(...title.elements, words(': its whole text is in '), code(file));
  return { whole: [rich(...onOwnLines([...body, ...seen.map(proof)]))], instead: [rich(instead)] };
}

function proof({ line, outcome }: Known<unknown>) {
  const output = renderOutput(outcome).trimEnd();
  return preformatted(
    output.length <= SHORT_OUTPUT
      ? `${line}\n${output}`
      : `${line}\nexit code: ${outcome.exitCode} (what it printed is in the file)`,
  );
}

/** What the run did, seen by comparing its first look with this one. */
function changePieces({ changes = [] }: RoundView, file: string): Piece[] {
  if (changes.length === 0) return [];
  const title = paragraph(bold('Since the first look:'));
  return [
    {
      whole: [rich(title, preformatted(changes.join('\n')))],
      instead: [rich(paragraph(...title.elements, words(' the list is in '), code(file)))],
    },
  ];
}

function planPieces({ plan, number, steps }: RoundView): Piece[] {
  if ('stop' in plan) return [{ whole: [rich(paragraph(bold('No change is proposed: '), words(plan.stop)))] }];
  const lines = stepsOf(plan).map(({ title }, index) => paragraph(words(`${number}.${index + 1}  ${title}`)));
  const isOffered = steps.length > 0;
  const title = isOffered
    ? 'Proposed, one approval each:'
    : 'Left over, and not on offer: the run ends with this look. Ask again.';
  return [{ whole: [rich(paragraph(bold(title)))] }, ...chunked(lines)];
}
