import { type Edit, edited, masked } from './edits.ts';

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** Longer than any key: what stands between a beginning and an end that is farther away is no key. */
const KEY_MAX = 32_768;

/** Replaces private keys in PEM form, with real or escaped line breaks, also where the beginning or the end was cut off. */
export function cleanPem(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  const begins = [...text.matchAll(BEGIN)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }));
  const ends = [...text.matchAll(END)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }));
  const edits: Edit[] = [];
  let next = 0;
  begins.forEach((begin, index) => {
    while ((ends[next]?.start ?? Number.POSITIVE_INFINITY) < begin.end) next += 1;
    const limit = begins[index + 1]?.start ?? text.length;
    const end = ends[next]?.start;
    const whole = end !== undefined && end <= limit && end - begin.end <= KEY_MAX;
    edits.push(masked({ start: begin.end, end: whole ? end : bodyEnd(text, begin.end, limit) }));
  });
  let last = 0;
  for (const { start, end } of ends) {
    edits.push(masked({ start: bodyStart(text, start, last), end: start }));
    last = end;
  }
  return edited(
    text,
    edits.filter((edit) => edit.end > edit.start),
  );
}

const BODY = /[\w+/=\s\\]/;

function bodyEnd(text: string, start: number, limit: number): number {
  let end = start;
  while (end < limit && BODY.test(text.charAt(end))) end += 1;
  return end;
}

function bodyStart(text: string, end: number, limit: number): number {
  let start = end;
  while (start > limit && BODY.test(text.charAt(start - 1))) start -= 1;
  return start;
}
