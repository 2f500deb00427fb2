import { expect, test } from 'vitest';

/** `STORAGEBOT_TEST_DEPTH=full`, as CI sets it: suites that sample by themselves then leave nothing out. */
export const isFull = process.env['STORAGEBOT_TEST_DEPTH'] === 'full';

/** Counts what a sampling suite did not do as one skipped test, with its reason. */
export function leftOut(what: string, why: string): void {
  if (isFull) return;
  test(`${what}`, ({ skip }) => {
    expect(why).not.toBe('');
    skip(`${why}; STORAGEBOT_TEST_DEPTH=full leaves nothing out`);
  });
}
