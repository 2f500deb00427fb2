import { describe, expect, it } from 'vitest';
import { durationOf } from './duration.ts';

describe('a length of time', () => {
  it.each([
    ['45m', 2_700_000],
    ['4h', 14_400_000],
    ['2D', 172_800_000],
  ])('is read from %s', (text, ms) => {
    expect(durationOf(text)).toBe(ms);
  });

  it.each(['', '0h', '4', 'h', '4 h', '1.5h', '-1h', '4w', '10000h', '4hours'])('is not read from "%s"', (text) => {
    expect(durationOf(text)).toBeUndefined();
  });
});
