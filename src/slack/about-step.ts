import { show, targetOf } from '../core/command.ts';
import type { Check, Step, Work } from '../core/plan.ts';
import { scriptOf } from '../core/script-of.ts';
import { bold, code, paragraph, preformatted, rich, words } from './blocks.ts';
import type { Piece } from './fit.ts';
import type { StepPlace } from './message.ts';
import { stepFileName } from './message.ts';
import * as text from './words.ts';

/** The exact command, or where it is whole. */
export function commandPiece(place: StepPlace): Piece {
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

/** The script of a Job as people write it: in the exact command it is one string. */
export function scriptPieces({ change }: Step): Piece[] {
  const script = scriptOf(change.command);
  if (script === undefined) return [];
  const says = paragraph(bold('The script in it'), words(', which is called as '), code(script.call), words(':'));
  return [{ whole: [rich(says, preformatted(script.lines.join('\n')))] }];
}

/** Everything else that an approval names, what warns of harm first. */
export function aboutPieces(step: Step): Piece[] {
  const { title, because, before, after, work } = step;
  const reason = paragraph(bold('Because '), code(because.code), words(` ${because.subject}: ${because.says}`));
  return [
    ...warningPieces(step),
    ...scriptPieces(step),
    ...(title.length > 100 ? [{ whole: [rich(paragraph(words(title)))] }] : []),
    { whole: [rich(reason)] },
    ...before.map((check) => checkPiece(`Only if: ${check.says}`, check)),
    ...(work === undefined ? [] : [workPiece(work)]),
    checkPiece(`Verified by: ${after.says} (within ${text.seconds(after.withinMs)})`, after),
    undoPiece(step),
    holdsPiece(step),
  ];
}

export function warningPieces({ warnings = [] }: Step): Piece[] {
  return warnings.map((warning) => ({ first: true, whole: [rich(paragraph(bold('Warning: '), words(warning)))] }));
}

export function undoPiece({ undo }: Step): Piece {
  if ('none' in undo) return { whole: [rich(paragraph(bold('Undo: '), words(undo.none)))] };
  const says = paragraph(bold('Undo'), words(', which needs its own approval:'));
  return { whole: [rich(says, preformatted(show(undo.change.command)))] };
}

export function holdsPiece({ holds }: Step): Piece {
  return { whole: [rich(paragraph(bold('Holds: '), words(text.holdsWords(holds))))] };
}

function workPiece({ name, state, stop }: Work): Piece {
  const says = paragraph(bold('Goes on without the bot'), words(' as '), code(name), words(', watched by:'));
  const cancel = paragraph(bold('Cancel'), words(' runs:'));
  return { whole: [rich(says, preformatted(show(state.command)), cancel, preformatted(show(stop.command)))] };
}

function checkPiece(says: string, { line }: Check): Piece {
  return { whole: [rich(paragraph(words(says)), preformatted(line))] };
}
