import { MARK } from '../redaction/edits.ts';
import { canonical } from './canonical.ts';

/** Whether the trail and the journal hold the same; what was taken out of the trail as a secret may have been any text. */
export function agree(told: unknown, found: unknown): boolean {
  const [first = '', ...rest] = canonical(told ?? null).split(MARK);
  const text = canonical(found ?? null);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const next = text.indexOf(part, at);
    if (next < 0) return false;
    at = next + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The line of a recording that the trail names. */
export function lineIn(recording: Readonly<Record<string, unknown>>, told: string): string | undefined {
  return told in recording ? told : Object.keys(recording).find((line) => agree(told, line));
}
