import type { RichTextSection } from '@slack/types';
import type { Episode } from '../core/alert.ts';
import { bold, paragraph, words } from './blocks.ts';
import type { Named } from './incident-words.ts';
import { byName, subjectWords } from './incident-words.ts';
import { oneLine } from './visible.ts';

/** So many characters of subjects stand in one line; an alert name with more has several lines. */
const LINE = 600;

export interface ListedAs {
  /** Between the name and its subjects. */
  readonly about: (named: Named) => string;
  /** The most lines for one name; its other subjects are only counted. */
  readonly lines?: number;
}

/** All members, a line or more for each alert name: `PodNotReady 3 of 8 fire: immich/server-0, …`. */
export function memberLines(members: readonly Episode[], as: ListedAs): readonly RichTextSection[] {
  return byName(members).flatMap((named) => linesOf(named, as));
}

/** Whether lines made so name every member. */
export function namesAll(members: readonly Episode[], { lines = Infinity }: ListedAs): boolean {
  return byName(members).every((named) => subjectLines(named).length <= lines);
}

function linesOf(named: Named, { about, lines = Infinity }: ListedAs): RichTextSection[] {
  const rows = subjectLines(named);
  const shown = rows.slice(0, lines);
  const left = rows.slice(lines).reduce((sum, row) => sum + row.length, 0);
  const more = left === 0 ? '' : ` and ${left} more`;
  if (shown.length === 0) return [paragraph(bold(named.name), words(` ${about(named)}`))];
  return shown.map((row, index) => {
    const says = `: ${row.join(', ')}${index === shown.length - 1 ? more : ','}`;
    return index === 0
      ? paragraph(bold(named.name), words(` ${about(named)}${says}`))
      : paragraph(bold(named.name), words(` (more)${says}`));
  });
}

/** What the alerts of one name are about, the ones that fire first; each subject once. */
function subjectLines({ members }: Named): readonly (readonly string[])[] {
  const sorted = members.toSorted((a, b) => Number(a.endsAt !== undefined) - Number(b.endsAt !== undefined));
  const subjects = [...new Set(sorted.map((member) => oneLine(subjectWords(member))))].filter((subject) => subject !== '');
  const rows: string[][] = [];
  let room = 0;
  for (const subject of subjects) {
    const last = rows.at(-1);
    if (last === undefined || room < subject.length) {
      rows.push([subject]);
      room = LINE - subject.length;
    } else {
      last.push(subject);
      room -= subject.length + 2;
    }
  }
  return rows;
}
