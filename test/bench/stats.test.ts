import { expect, test } from 'vitest';
import { chainOf, durationOf, median, pairedRatio, percentile, sum } from '../../bench/stats.ts';
import { fc } from '../seed.ts';

const span = (name: string, startMs: number, endMs: number) => ({ name, startMs, endMs });
const measurements = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });

test('a percentile is the smallest measurement that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.5, 0.9, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 90, 99, 100]);
  expect(percentile([3, 1, 2], 0.99)).toBe(3);
  expect(percentile([7], 0)).toBe(7);
});

test('a percentile is one of the measurements, and so many of them are not above it', () => {
  fc.assert(
    fc.property(measurements, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const found = percentile(values, share);
      expect(values).toContain(found);
      expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * values.length - 1e-9);
    }),
  );
});

test('a median is the middle measurement, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 2, 100])).toBe(6);
  expect(median([4])).toBe(4);
});

test('numbers are sorted as numbers, and what was measured stays in its order', () => {
  const values = [10, 9, 100];
  expect(median(values)).toBe(10);
  expect(percentile(values, 1)).toBe(100);
  expect(values).toEqual([10, 9, 100]);
});

test('nothing measured is an error and not a zero', () => {
  expect(() => median([])).toThrow('Nothing was measured');
  expect(() => percentile([], 0.5)).toThrow('Nothing was measured');
});

test('ratios are taken pair by pair, so that a machine that becomes slow for a while does not change them', () => {
  expect(pairedRatio([2, 4, 200], [1, 2, 100])).toBe(2);
  expect(pairedRatio([10, 30, 60], [10, 10, 10])).toBe(3);
  expect(() => pairedRatio([1, 2], [1])).toThrow('2 measurements cannot be paired with 1');
});

test('a chain goes from the read that ended last back to the one whose end each waited for', () => {
  const lists = span('lists', 0, 30);
  const mounts = span('mounts', 31, 60);
  const stat = span('stat', 61, 90);
  const beside = [span('kernel', 0, 25), span('log', 26, 59), span('exports', 31, 88)];
  const chain = chainOf([...beside, stat, lists, mounts]);
  expect(chain.map(({ name }) => name)).toEqual(['lists', 'mounts', 'stat']);
  expect(sum(chain.map(durationOf))).toBe(30 + 29 + 29);
});

test('reads that all began together make a chain of one', () => {
  expect(chainOf([span('short', 0, 5), span('long', 0, 9)]).map(({ name }) => name)).toEqual(['long']);
  expect(chainOf([])).toEqual([]);
});

test('the reads of a chain do not overlap and end with the last of all', () => {
  const spans = fc.array(
    fc.tuple(fc.nat(1_000), fc.nat(100)).map(([startMs, takesMs]) => span('', startMs, startMs + takesMs)),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(spans, (all) => {
      const chain = chainOf(all);
      for (const [index, { startMs }] of chain.entries()) expect(chain[index - 1]?.endMs ?? 0).toBeLessThanOrEqual(startMs);
      expect(chain.at(-1)?.endMs).toBe(Math.max(...all.map(({ endMs }) => endMs)));
    }),
  );
});
