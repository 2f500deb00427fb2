/** A POSIX shell word for this argument: as it is where nothing in it is special, else in single quotes. */
export function quote(argument: string): string {
  return /^[\w\-./:=@,+%]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

export class Unprintable extends Error {
  override readonly name = 'Unprintable';
  readonly code = 'UNPRINTABLE';
  constructor(text: string) {
    super(`Refusing a command with an unprintable character: ${JSON.stringify(text.slice(0, 200))}`);
  }
}

/** A line break, an escape sequence or a bidirectional mark could make a person read another command than the one that runs. */
export function requirePrintable(text: string): void {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u.test(text)) throw new Unprintable(text);
}
