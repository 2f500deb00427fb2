/** A POSIX shell word for this argument: as it is where nothing in it is special, else in single quotes. */
export function quote(argument: string): string {
  // zsh, the shell of root on TrueNAS, makes the path of a program out of a word that begins with "=".
  return /^(?!=)[\w\-./:=@,+%]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/u;

export class Unprintable extends Error {
  override readonly name = 'Unprintable';
  readonly code = 'UNPRINTABLE';
  constructor(text: string) {
    super(`Refusing a command with an unprintable character: ${JSON.stringify(text.slice(0, 200))}`);
  }
}

/** Linux takes no longer argument, and the login shell gets the whole line as one. */
const MAX_LINE_BYTES = 120_000;

export class TooLong extends Error {
  override readonly name = 'TooLong';
  readonly code = 'TOO_LONG';
  constructor(line: string) {
    super(`Refusing a command that no shell could be given, of ${line.length} characters: ${line.slice(0, 200)}`);
  }
}

/** The shell could not even be started, and its exit code 1 could be read as an answer of the command. */
export function requireSendable(line: string): void {
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw new TooLong(line);
}

/** A line break, an escape sequence, a bidirectional mark or a letter without a shape could make a person read another command. */
export function requirePrintable(text: string): void {
  if (!isPrintable(text)) throw new Unprintable(text);
}

export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}
