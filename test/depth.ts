import { expect, test } from 'vitest';

/** `STORAGEBOT_TEST_DEPTH=full`, as CI sets it: suites that sample by themselves then leave nothing out. */
export const isFull = process.env['STORAGEBOT_TEST_DEPTH'] === 'full';

/** At most so many of these, from the first to the last at even distances; at full depth all of them. */
export function sampled<T>(items: readonly T[], most: number): readonly T[] {
  if (isFull || items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]).filter(
    (item) => item !== undefined,
  );
}

/** A thirty-second of a long campaign; at full depth the whole. */
export function portion(runs: number): number {
  return isFull ? runs : Math.ceil(runs / 32);
}

/** Counts what a sampling suite did not do as one skipped test, with its reason. */
export function leftOut(what: string, why: string): void {
  if (isFull) return;
  test(`${what}`, ({ skip }) => {
    expect(why).not.toBe('');
    skip(`${why}; STORAGEBOT_TEST_DEPTH=full leaves nothing out`);
  });
}
