/** The line is not of the form that `quote` makes. */
export class NotWords extends Error {
  override readonly name = 'NotWords';
  readonly code = 'NOT_WORDS';
}

/**
 * Splits a line into words as a POSIX shell does, for plain words, single quotes and `\'` between them. Throws NotWords for all
 * else: a character that a shell would act upon must never reach one.
 */
export function wordsOf(line: string): string[] {
  const token = /'([^']*)'|\\(')|([\w\-./:=@,+%]+)|( +)/y;
  const words: string[] = [];
  let word: string | undefined;
  while (token.lastIndex < line.length) {
    const at = token.lastIndex;
    const match = token.exec(line);
    if (match === null)
      throw new NotWords(`A shell would act upon ${JSON.stringify(line.slice(at, at + 1))} at ${at} of: ${line}`);
    const [, quoted, escaped, plain, blank] = match;
    if (blank === undefined) word = (word ?? '') + (quoted ?? escaped ?? plain ?? '');
    else if (word !== undefined) words.push(word);
    if (blank !== undefined) word = undefined;
  }
  return word === undefined ? words : [...words, word];
}
