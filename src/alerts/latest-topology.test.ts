import { beforeEach, expect, test } from 'vitest';
import { type FoundationsIndex, NO_FOUNDATIONS } from '../topology/foundations.ts';
import { createMemory } from './fixtures/memory.ts';
import { createTopology } from './latest-topology.ts';

const index: FoundationsIndex = { ...NO_FOUNDATIONS, nodes: { 'k3s-1': [{ kind: 'node', name: 'k3s-1' }] } };
let memory: ReturnType<typeof createMemory>;
let now: number;
let reads: number;
let answer: () => Promise<FoundationsIndex>;

beforeEach(() => {
  [memory, now, reads, answer] = [createMemory(), 1_000_000, 0, async () => index];
});

function topology(patienceMs = 50) {
  const read = () => ((reads += 1), answer());
  return createTopology({ read, memory, clock: () => now, log: { warn: () => undefined }, patienceMs });
}

test('the cluster is read once a minute, however often it is asked for', async () => {
  const one = topology();
  expect(await Promise.all([one.latest(), one.latest(), one.latest()])).toEqual([index, index, index]);
  now += 59_000;
  await one.latest();
  expect(reads).toBe(1);
  now += 1_000;
  await one.latest();
  expect(reads).toBe(2);
});

test.each<[string, () => Promise<never>]>([
  ['gives an error', async () => Promise.reject(new Error('refused'))],
  ['does not answer', () => new Promise(() => undefined)],
])('a cluster that %s is known as it was last seen, also after a restart', async (_what, silent) => {
  await topology().latest();
  answer = silent;
  expect(await topology().latest()).toEqual(index);
});

test('a cluster that was never read, or that another version remembered otherwise, is not known', async () => {
  answer = async () => Promise.reject(new Error('refused'));
  expect(await topology().latest()).toEqual(NO_FOUNDATIONS);
  memory.remember('topology', { of: 'another form' });
  expect(await topology().latest()).toEqual(NO_FOUNDATIONS);
});
