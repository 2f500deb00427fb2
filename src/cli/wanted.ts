import { Refusal } from '../core/errors.ts';

/** What is wanted of a run that the bot's state knows already. */
export type Wanted =
  | { readonly word: 'approve'; readonly run: string }
  | { readonly word: 'undo' | 'again'; readonly run: string }
  | { readonly word: 'cancel' | 'takeover'; readonly run: string; readonly reason: string };

/** Undefined where the word is none of these. Throws a Refusal that says what would be right. */
export function wantedOf(word: string, [run, ...more]: readonly string[]): Wanted | undefined {
  switch (word) {
    case 'approve':
    case 'undo':
    case 'again':
      if (isId(run) && more.length === 0) return { word, run };
      throw new Refusal('bad-request', `It wants the id of a run, as its messages show it: storagebot ${word} <run>`);
    case 'cancel':
    case 'takeover':
      // Whether it is a reason is judged where the reasons of Slack are judged too.
      if (isId(run)) return { word, run, reason: more.join(' ') };
      throw new Refusal('bad-request', `It wants the id of a run and a reason: storagebot ${word} <run> <reason>`);
    default:
      return undefined;
  }
}

function isId(run: string | undefined): run is string {
  return run !== undefined && /^[0-9a-f]{1,32}$/.test(run);
}
