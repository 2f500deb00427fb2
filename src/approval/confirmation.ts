const SHORTEST = 3;
const LONGEST = 500;

/** Letters, digits, punctuation and symbols that have a shape. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/gu;

/** Why these words are no reason, and what would be one; undefined when they are. Lengths are counted in characters. */
export function whyNoReason(reason: string | undefined): string | undefined {
  const text = reason?.trim() ?? '';
  if (countOf(VISIBLE, text) < SHORTEST)
    return `It needs a reason of at least ${SHORTEST} letters: say why, so that others can learn from it.`;
  return countOf(/./gsu, text) > LONGEST ? `The reason is too long: say it in at most ${LONGEST} characters.` : undefined;
}

/** Why what was typed does not confirm a destructive step, and what to type; undefined when it does. Without a word nothing does. */
export function whyNotConfirmed(typed: string | undefined, wordToType: string | undefined): string | undefined {
  const word = wordToType?.trim() ?? '';
  const given = typed?.trim() ?? '';
  if (word === '') return 'Not approved: this step does not say what must be typed to confirm it. Start a new run.';
  if (given === word) return undefined;
  const what = given === '' ? 'this change cannot be undone' : 'what you typed is not the name of what would be changed';
  return `Not approved: ${what}. To confirm it, type exactly: ${word}`;
}

function countOf(characters: RegExp, text: string): number {
  return text.match(characters)?.length ?? 0;
}
