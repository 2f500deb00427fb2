import { expect, test } from 'vitest';
import { z } from 'zod';
import { leftOut, sampled } from '../../test/depth.ts';
import { lived, withDirectory } from './fixtures/lives.ts';

const Life = z.object({ offers: z.array(z.string()), points: z.array(z.string()) });

async function live(directory: string, killAt = 0): Promise<z.output<typeof Life> | undefined> {
  return Life.optional().parse(await lived('withheld-child.ts', directory, killAt));
}

test('a bot killed at any point withdraws an offer on what is ill, and makes it again once that is well', {
  timeout: 300_000,
}, async () => {
  const points = await withDirectory(async (directory) => {
    const life = await live(directory);
    expect(life?.offers).toEqual(['withdrawn', 'waiting']);
    return life?.points ?? [];
  });
  expect(points).toEqual(expect.arrayContaining(['offer-withheld', 'run-withdrawn', 'run-started', 'run-remembered']));
  const withholding = points.flatMap((name, index) => (name === 'offer-withheld' || name === 'run-withdrawn' ? [index] : []));
  for (const killAt of new Set([...withholding, ...sampled([...points.keys()], 6)])) {
    await withDirectory(async (directory) => {
      const life = (await live(directory, killAt + 1)) ?? (await live(directory));
      expect({ killedAt: points[killAt], offers: life?.offers }).toEqual({
        killedAt: points[killAt],
        offers: ['withdrawn', 'waiting'],
      });
    });
  }
});

leftOut(
  'the other points at which a bot that withdraws an offer can be killed',
  'those about the withdrawal and 6 more were tried',
);
