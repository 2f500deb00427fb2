import type { Silence } from '../commands/alertmanager.ts';

/** A silence that the bot made has the name of a run in its author's: that of the bot alone anybody could have written. */
export function isOwn({ createdBy }: Pick<Silence, 'createdBy'>): boolean {
  return /^(?:storagebot-[0-9a-z]+-\d+|.+ \(storagebot-[0-9a-z]+-\d+\))$/s.test(createdBy);
}

/** The run that made it; undefined where no run did. */
export function runOf(silence: Pick<Silence, 'createdBy'>): string | undefined {
  return isOwn(silence) ? /storagebot-([0-9a-z]+)-\d+\)?$/.exec(silence.createdBy)?.[1] : undefined;
}

/** At the end of its reason, where the bot ends a silence once none of its alerts fires. */
export const UNTIL_RESOLVED = '(until none of it fires)';

export function lastsUntilResolved(silence: Pick<Silence, 'createdBy' | 'comment'>): boolean {
  return isOwn(silence) && silence.comment.endsWith(UNTIL_RESOLVED);
}

/** What `/storage unsilence` takes to end it, and with the word `and` between them others too; undefined for matchers that the bot does not make. */
export function wordsOf({ matchers }: Pick<Silence, 'matchers'>): readonly string[] | undefined {
  const words = matchers.map(({ name, value, isRegex, isEqual }) => {
    const values = isRegex ? alternatives(value) : [value];
    // A value that holds the mark between two values cannot be said in words.
    if (!isEqual || values === undefined || values.some((each) => each.includes(','))) return undefined;
    const word = values.join(',');
    return name === 'alertname' ? { first: true, word } : { first: false, word: `${name}=${word}` };
  });
  const known = words.filter((each) => each !== undefined);
  if (known.length < words.length || known.filter(({ first }) => first).length !== 1) return undefined;
  return known.toSorted((a, b) => Number(b.first) - Number(a.first)).map(({ word }) => word);
}

/** The values of a pattern that is nothing but several values, with its mark between them; one value alone is no pattern here. */
function alternatives(pattern: string): readonly string[] | undefined {
  const one = String.raw`(?:\\[\\.+*?()|[\]{}^$]|[^\\.+*?()|[\]{}^$])+`;
  if (!new RegExp(`^${one}(?:\\|${one})+$`).test(pattern)) return undefined;
  return (pattern.match(new RegExp(one, 'g')) ?? []).map((value) => value.replaceAll(/\\(.)/g, '$1'));
}
