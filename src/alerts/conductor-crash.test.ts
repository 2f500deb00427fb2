import { expect, test } from 'vitest';
import { z } from 'zod';
import { leftOut, sampled } from '../../test/depth.ts';
import { lived, withDirectory } from './fixtures/lives.ts';

const Life = z.object({
  incidents: z.array(z.object({ members: z.number(), runs: z.array(z.string()), closed: z.string().optional() })),
  runs: z.array(z.string()),
  /** What became of the steps that were offered. */
  offers: z.array(z.string()),
  points: z.array(z.string()),
});

async function live(directory: string, killAt = 0): Promise<z.output<typeof Life> | undefined> {
  return Life.optional().parse(await lived('conductor-child.ts', directory, killAt));
}

function expectOne({ incidents, runs, offers }: z.output<typeof Life>): void {
  expect(incidents).toEqual([{ members: 1, runs: [runs[0]], closed: 'all-ended' }]);
  expect(runs).toHaveLength(1);
  expect(offers).toEqual(['withdrawn']);
}

test('a bot killed at any point makes one incident and one run of one alert, shows its end, and offers nothing more', {
  timeout: 300_000,
}, async () => {
  const points = await withDirectory(async (directory) => {
    const life = await live(directory);
    if (life === undefined) throw new Error('It was killed by somebody else');
    expectOne(life);
    return life.points;
  });
  const boundaries = [
    'incident-opened',
    'run-written',
    'run-started',
    'run-remembered',
    'quiet-written',
    'incident-closed',
    'run-withdrawn',
    'incident-shown',
  ];
  expect(points).toEqual(expect.arrayContaining(boundaries));
  for (const killAt of sampled([...points.keys()], 10)) {
    await withDirectory(async (directory) => {
      // The very last points may not be reached: several changes in a row may be shown as one.
      const life = (await live(directory, killAt + 1)) ?? (await live(directory));
      if (life === undefined) throw new Error('It was killed by somebody else');
      expectOne(life);
    });
  }
});

leftOut('the other points at which a bot that opens an incident can be killed', '10 of them, at even distances, were tried');

const Merge = z.object({ incidents: z.array(z.unknown()), offers: z.number(), points: z.array(z.string()) });

async function mergeOf(directory: string, killAt = 0): Promise<z.output<typeof Merge> | undefined> {
  return Merge.optional().parse(await lived('merge-child.ts', directory, killAt));
}

function expectMerged({ incidents, offers }: z.output<typeof Merge>): void {
  expect(incidents).toEqual([
    { members: 2, runs: 1 },
    { members: 0, runs: 1, closed: { at: expect.any(Number), because: 'merged', into: 'inc-app1' } },
  ]);
  expect(offers).toBe(1);
}

test('a bot killed at any point while two incidents become one leaves one with all alerts and one offer', {
  timeout: 300_000,
}, async () => {
  const points = await withDirectory(async (directory) => {
    const life = await mergeOf(directory);
    if (life === undefined) throw new Error('It was killed by somebody else');
    expectMerged(life);
    return life.points;
  });
  expect(points).toEqual(expect.arrayContaining(['cause-written', 'incident-merged', 'run-withdrawn', 'incident-shown']));
  const merging = points.flatMap((name, index) => (name === 'cause-written' || name === 'incident-merged' ? [index] : []));
  for (const killAt of new Set([...merging, ...sampled([...points.keys()], 6)])) {
    await withDirectory(async (directory) => {
      const life = (await mergeOf(directory, killAt + 1)) ?? (await mergeOf(directory));
      if (life === undefined) throw new Error('It was killed by somebody else');
      expectMerged(life);
    });
  }
});

leftOut('the other points at which a bot that merges incidents can be killed', 'those about the merge and 6 more were tried');
