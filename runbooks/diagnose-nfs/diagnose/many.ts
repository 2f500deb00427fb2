import type { Evidence } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';

/** So many of a kind have a sentence each; more share sentences, and each is still named. */
const FEW = 3;
const NAMES_IN_ONE = 15;

interface Sentences<T> {
  /** What those that may share a sentence have in common. */
  readonly kind: (item: T) => string;
  readonly one: (item: T) => Evidence;
  /** `part` says which part of a long list these are: ` (11 to 20)`, or nothing. */
  readonly several: (items: readonly [T, ...T[]], all: { readonly count: number; readonly part: string }) => Evidence;
}

export function inSentences<T>(items: readonly T[], { kind, one, several }: Sentences<T>): Evidence[] {
  return [...Map.groupBy(items, kind).values()].flatMap((group) => {
    if (group.length <= FEW) return group.map(one);
    const starts = Array.from({ length: Math.ceil(group.length / NAMES_IN_ONE) }, (_, index) => index * NAMES_IN_ONE);
    return starts.flatMap((start) => {
      const [first, ...more] = group.slice(start, start + NAMES_IN_ONE);
      const part = starts.length === 1 ? '' : ` (${start + 1} to ${start + 1 + more.length})`;
      return first === undefined ? [] : [several([first, ...more], { count: group.length, part })];
    });
  });
}

/** Each output once, however many of its parts are meant. */
export function onceEach<T extends { readonly line: string }>([first, ...more]: readonly [T, ...T[]]): [T, ...T[]] {
  const others = new Map(more.filter(({ line }) => line !== first.line).map((seen) => [seen.line, seen]));
  return [first, ...others.values()];
}

/** `3 pods`, `1 pod`. */
export function number(count: number, of: string): string {
  return `${count} ${of}${count === 1 ? '' : 's'}`;
}

export type Proofs = [Known<unknown>, ...Known<unknown>[]];
