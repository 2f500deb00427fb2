const LENGTH = 300;

/** The beginning of an output on one line, for a sentence; the whole of it is kept elsewhere. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > LENGTH ? `${line.slice(0, LENGTH)}…` : line;
}

/** With one full stop at its end. */
export function sentence(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}
