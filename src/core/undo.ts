import type { Step } from './plan.ts';
import { noUndo } from './plan.ts';

/** The steps that take these back: the last of them first, each followed by what must come after it. None for one without undo. */
export function undoSteps(done: readonly Step[]): readonly Step[] {
  return done.toReversed().flatMap(stepsBack);
}

function stepsBack({ title, because, undo, holds }: Step): readonly Step[] {
  if ('none' in undo) return [];
  const { change, before, after, afterwards, warnings = [] } = undo;
  const back: Step = { title: `Take back: ${title}`, because, before, change, after, undo: ASK_AGAIN, holds, warnings };
  return afterwards === undefined ? [back] : [back, { ...afterwards, because, undo: ASK_AGAIN }];
}

const ASK_AGAIN = noUndo('Ask for the repair again.');
