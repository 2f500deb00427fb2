/** A POSIX shell word for this argument: as it is where nothing in it is special, else in single quotes. */
export function quote(argument: string): string {
  return /^[\w\-./:=@,+%]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/u;

export class Unprintable extends Error {
  override readonly name = 'Unprintable';
  readonly code = 'UNPRINTABLE';
  constructor(text: string) {
    super(`Refusing a command with an unprintable character: ${JSON.stringify(text.slice(0, 200))}`);
  }
}

/** A line break, an escape sequence, a bidirectional mark or a letter without a shape could make a person read another command. */
export function requirePrintable(text: string): void {
  if (UNPRINTABLE.test(text)) throw new Unprintable(text);
}
