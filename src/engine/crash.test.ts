import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { leftOut, sampled } from '../../test/depth.ts';
import { statuses, temporaryDirectory } from './fixtures/harness.ts';

const CHILD = join(import.meta.dirname, 'fixtures', 'crash-child.ts');

const Life = z.object({
  view: z.looseObject({
    status: z.string(),
    rounds: z.array(z.looseObject({ steps: z.array(z.looseObject({ status: z.string(), detail: z.string().optional() })) })),
  }),
  recoveredMs: z.number(),
});

/** What one life of the bot printed; undefined when it was killed. Rejects when it failed or took longer than 30 s. */
async function live(directory: string, killAt = 0): Promise<z.output<typeof Life> | undefined> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, directory, String(killAt)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(30_000),
  });
  let [printed, complained] = ['', ''];
  child.stdout.on('data', (text) => (printed += String(text)));
  child.stderr.on('data', (text) => (complained += String(text)));
  const { promise, resolve, reject } = Promise.withResolvers<NodeJS.Signals | null>();
  child.once('error', reject);
  child.once('close', (_code, signal) => resolve(signal));
  if ((await promise) === 'SIGKILL') return undefined;
  expect(complained).toBe('');
  return Life.parse(JSON.parse(printed));
}

function lines(directory: string, name: string): string[] {
  const file = join(directory, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : [];
}

/** The report tells what was done: a step that is done was made once, an unknown one at most once, any other never. */
function expectTruth(directory: string, { view }: z.output<typeof Life>): void {
  const made = lines(directory, 'changes');
  expect(JSON.parse(readFileSync(join(directory, 'shown'), 'utf8'))).toEqual(view);
  expect(view.status).toBe('finished');
  for (const [index, name] of ['a', 'b'].entries()) {
    const times = made.filter((line) => line === `turn-on ${name}`).length;
    const status = view.rounds[0]?.steps[index]?.status ?? '';
    expect({ name, times, status }).toSatisfy(() =>
      status === 'done' ? times === 1 : times === 0 || (status === 'unknown' && times === 1),
    );
  }
}

async function inTwos<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
}

async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = temporaryDirectory();
  try {
    return await work(directory.path);
  } finally {
    directory.remove();
  }
}

test('a bot killed at any point makes no change twice, does not hang, and reports what was done', {
  timeout: 300_000,
}, async () => {
  const points = await withDirectory(async (directory) => {
    const life = await live(directory);
    expect(life && statuses(JSON.parse(JSON.stringify(life.view)))).toEqual([['done', 'done'], []]);
    return lines(directory, 'points');
  });
  expect(points.filter((name) => name === 'change-sent')).toHaveLength(2);
  const recoveries: number[] = [];
  await inTwos(
    sampled([...points.keys()], 8).map((index) => index + 1),
    (killAt) =>
      withDirectory(async (directory) => {
        // The very last points may not be reached: several reports in a row may be shown as one.
        const first = await live(directory, killAt);
        if (first !== undefined) return expectTruth(directory, first);
        const killedAt = lines(directory, 'points').at(-1) ?? '';
        const second = await live(directory);
        if (second === undefined) throw new Error('It was killed by somebody else');
        recoveries.push(second.recoveredMs);
        expectTruth(directory, second);
        const unsure = second.view.rounds[0]?.steps.some(({ status }) => status === 'unknown');
        expect({ killedAt, unsure }).toEqual({ killedAt, unsure: killedAt === 'started-written' || killedAt === 'change-sent' });
      }),
  );
  recoveries.sort((a, b) => a - b);
  if (process.env['SHOW_FIGURES'] !== undefined) {
    console.log({
      points: points.length,
      killed: recoveries.length,
      medianMs: recoveries[recoveries.length >> 1],
      worstMs: recoveries.at(-1),
    });
  }
});

test('a bot killed again and again still brings its run to a true end', { timeout: 120_000 }, () =>
  withDirectory(async (directory) => {
    let life: z.output<typeof Life> | undefined;
    let lives = 0;
    while (life === undefined) {
      lives += 1;
      expect(lives).toBeLessThan(60);
      life = await live(directory, lives < 50 ? 3 + (lives % 3) : 0);
    }
    expect(lives).toBeGreaterThan(2);
    expectTruth(directory, life);
  }),
);

leftOut('the other points at which a bot can be killed', '8 of them, at even distances, were tried');
