import type { KnownBlock } from '@slack/types';

/** A part of a message that is shown whole or not at all. */
export interface Piece {
  readonly whole: readonly KnownBlock[];
  /** Short words that say what is missing here, where the message has no room for the whole. */
  readonly instead?: readonly KnownBlock[];
  /** Gets its room before the others. */
  readonly first?: boolean;
}

export interface Layout {
  /** Small blocks that are always there. */
  readonly head: readonly KnownBlock[];
  readonly pieces: readonly Piece[];
  readonly tail: readonly KnownBlock[];
  /** Small blocks that say where the pieces without room are. */
  readonly moved: readonly KnownBlock[];
}

export interface Fitted {
  readonly blocks: readonly KnownBlock[];
  /** False when some piece is not in the blocks: its text then must go into a file. */
  readonly complete: boolean;
}

/** Slack allows 50 blocks, and refuses about 13,200 characters of JSON. */
const MAX_BLOCKS = 48;
const MAX_CHARACTERS = 12_500;

interface Room {
  blocks: number;
  characters: number;
}

/** Lays the pieces out in their order so that Slack takes the message. Nothing is ever cut. */
export function fit({ head, pieces, tail, moved }: Layout): Fitted {
  const room = { blocks: MAX_BLOCKS, characters: MAX_CHARACTERS };
  for (const fixed of [head, tail, moved]) take(room, fixed);
  const shown = new Map<Piece, readonly KnownBlock[]>();
  // The small ones before the large: a huge command is whole in a file, and who decided on it is nowhere else.
  const urgent = pieces.filter(({ first }) => first).toSorted((a, b) => characters(a.whole) - characters(b.whole));
  for (const piece of [...urgent, ...pieces.filter(({ first }) => !first)]) {
    const fitting = [piece.whole, piece.instead ?? []].find((blocks) => fits(room, blocks));
    if (fitting === undefined) continue;
    take(room, fitting);
    shown.set(piece, fitting);
  }
  const complete = pieces.every((piece) => shown.get(piece) === piece.whole);
  const middle = pieces.flatMap((piece) => shown.get(piece) ?? []);
  return { complete, blocks: [...head, ...middle, ...(complete ? [] : moved), ...tail] };
}

function fits(room: Room, blocks: readonly KnownBlock[]): boolean {
  return blocks.length <= room.blocks && characters(blocks) <= room.characters;
}

function take(room: Room, blocks: readonly KnownBlock[]): void {
  room.blocks -= blocks.length;
  room.characters -= characters(blocks);
}

function characters(blocks: readonly KnownBlock[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length + 1, 0);
}
