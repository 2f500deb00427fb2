import { afterEach, expect, test, vi } from 'vitest';
import { createTurns } from './turns.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a turn that fails after it was stopped is not tried again', async () => {
  vi.useFakeTimers();
  const ends = Promise.withResolvers<boolean>();
  const turn = vi.fn<() => Promise<boolean>>(() => ends.promise);
  const turns = createTurns({ turn, failed: () => undefined, gatherMs: 0, retryMs: { first: 10, most: 10 } });
  turns.start();
  await vi.advanceTimersByTimeAsync(1);
  const stopped = turns.stop();
  ends.reject(new Error('it was closed'));
  await stopped;
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(100);
  expect(turn).toHaveBeenCalledTimes(1);
});

test('after a turn that took long others are heard for much longer, and who stops does not wait for that', async () => {
  vi.useFakeTimers();
  const turn = vi.fn<() => Promise<boolean>>(() => new Promise((done) => setTimeout(() => done(true), 1_000)));
  const retryMs = { first: 10, most: 10 };
  const turns = createTurns({ turn, failed: () => undefined, gatherMs: 10, rest: { times: 20, mostMs: 15_000 }, retryMs });
  turns.start();
  await vi.advanceTimersByTimeAsync(1_010);
  turns.look();
  await vi.advanceTimersByTimeAsync(14_000);
  expect(turn).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(turn).toHaveBeenCalledTimes(2);
  await turns.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(turn).toHaveBeenCalledTimes(2);
});
