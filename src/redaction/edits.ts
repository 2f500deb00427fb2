export const MARK = '[secret]';

/** What is to stand instead of the characters from `start` to before `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export function masked({ start, end }: Range): Edit {
  return { start, end, text: MARK };
}

/** The text with all edits made. Of two that overlap the one that begins first counts, then the longer one. */
export function edited(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text;
  const parts: string[] = [];
  let done = 0;
  const inOrder = edits.every((edit, index) => index === 0 || (edits[index - 1]?.end ?? 0) <= edit.start);
  const ordered = inOrder ? edits : edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  for (const { start, end, text: instead } of ordered) {
    if (start < done) continue;
    parts.push(text.slice(done, start), instead);
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}
