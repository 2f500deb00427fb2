import type { Episode, Muted } from '../core/alert.ts';
import { bold, paragraph, rich, words } from './blocks.ts';
import { chunked } from './chunks.ts';
import type { Piece } from './fit.ts';
import type { ListedAs } from './incident-lines.ts';
import { memberLines, namesAll } from './incident-lines.ts';
import { oneLine } from './visible.ts';

/** Alerts that Alertmanager tells nobody of, for one reason. */
export interface HeldBack {
  /** `inhibited by NodeDown`, `silenced` */
  readonly why: string;
  readonly members: readonly Episode[];
}

/** Alerts that Alertmanager tells of, or told of before they ended, and those that fire and that it holds back. */
export function apart(members: readonly Episode[]): { readonly told: readonly Episode[]; readonly held: readonly HeldBack[] } {
  const groups = Map.groupBy(members, ({ endsAt, muted }) => (endsAt === undefined && muted ? mutedWords(muted) : ''));
  const told = groups.get('') ?? [];
  groups.delete('');
  const held = [...groups].map(([why, of]) => ({ why, members: of }));
  return { told, held: held.toSorted((a, b) => b.members.length - a.members.length || (a.why < b.why ? -1 : 1)) };
}

export function countHeld(members: readonly Episode[]): number {
  return apart(members).held.reduce((sum, group) => sum + group.members.length, 0);
}

const NAMES = 3;

export function mutedWords({ by, names = [] }: Muted): string {
  if (by === 'silence') return 'silenced';
  if (names.length === 0) return 'inhibited by another alert';
  const more = names.length > NAMES ? ` and ${names.length - NAMES} more` : '';
  return `inhibited by ${names.slice(0, NAMES).map(oneLine).join(', ')}${more}`;
}

/** Each reason with its alerts: `Held back in Alertmanager: 12, inhibited by NodeDown`. */
export function heldPieces(held: readonly HeldBack[], as: ListedAs): Piece[] {
  return held.flatMap(({ why, members }) => [
    { whole: [rich(paragraph(bold('Held back in Alertmanager: '), words(`${members.length}, ${why}`)))] },
    ...chunked(memberLines(members, as)),
  ]);
}

/** Whether lines made so name every one of them. */
export function namesAllApart(members: readonly Episode[], as: ListedAs): boolean {
  const { told, held } = apart(members);
  return [told, ...held.map((group) => group.members)].every((some) => namesAll(some, as));
}
