import type { RichTextPreformatted, RichTextSection } from '@slack/types';
import { paragraph, rich, words } from './blocks.ts';
import type { Piece } from './fit.ts';

type RichPart = RichTextSection | RichTextPreformatted;

const LINES = 8;
const CHARACTERS = 2_500;

/** Paragraphs as pieces of a few lines each, so that long lists take few blocks and a huge line stands alone. */
export function chunked(lines: readonly RichTextSection[]): Piece[] {
  const chunks: RichTextSection[][] = [];
  let room = 0;
  for (const line of lines) {
    const { length } = JSON.stringify(line);
    const last = chunks.at(-1);
    if (last === undefined || last.length >= LINES || length > room) {
      chunks.push([line]);
      room = CHARACTERS - length;
    } else {
      last.push(line);
      room -= length;
    }
  }
  return chunks.map((chunk) => ({ whole: [rich(...onOwnLines(chunk))] }));
}

/** Joins neighbouring paragraphs into one section with line feeds, the form in which Slack's own composer writes lines. */
export function onOwnLines(parts: readonly RichPart[]): RichPart[] {
  const joined: RichPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'rich_text_section' && last?.type === 'rich_text_section') {
      joined[joined.length - 1] = paragraph(...last.elements, words('\n'), ...part.elements);
    } else {
      joined.push(part);
    }
  }
  return joined;
}
