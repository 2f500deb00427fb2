import { describe, expect, it } from 'vitest';
import { isFull, leftOut, sampled as sampledFrom } from '../depth.ts';
import { expectTruth } from './crash-judge.ts';
import type { Point } from './crash-life.ts';
import type { Kill, Plot } from './crash-lives.ts';
import { liveTwice, longWorkThat, pointsOf, repairOf, undoOf } from './crash-lives.ts';
import { covering, planning } from './repair-cases.ts';

const TIMEOUT_MS = isFull ? 3_600_000 : 300_000;

/** Takes back three steps in two rounds. */
const UNDONE = 'add export: new-service-on-debian';
const undo = planning.filter(({ title }) => title === UNDONE).map(undoOf);
const works = [longWorkThat('ends'), longWorkThat('is cancelled')];

/** One of each runbook, and the one that restarts a machine. */
const ofEachRunbook = covering.filter(
  (one) => covering.find(({ runbook }) => runbook === one.runbook) === one || one.title === 'diagnose nfs: client-wedged',
);
const others = covering.filter((one) => !ofEachRunbook.includes(one)).map(repairOf);

/** The first; a plan of two steps, and one whose change goes on without the bot, are killed everywhere in the engine's own tests. */
const whole: readonly Plot[] = isFull
  ? [...ofEachRunbook.map(repairOf), ...undo, ...works]
  : ofEachRunbook.slice(0, 1).map(repairOf);
const sampled = sampledFrom(others, 1);

const AROUND_THE_CHANGE: readonly Point[] = ['started-written', 'change-sent', 'change-answered', 'outcome-written'];

/** Before it is sent, and when it was. */
const AT_THE_CHANGE: readonly Point[] = ['started-written', 'change-answered'];

/** Other parts of the bot come to these beside the run, and not the same number of times in each life. */
const BESIDE: readonly Point[] = ['reported', 'woken', 'scheduled', 'pausing', 'work-watched'];

/** A message more or less makes no other moment: of those the first two are enough. */
function isApart({ point, nth }: Kill): boolean {
  return nth <= 2 || !BESIDE.includes(point);
}

async function killAtEach(plot: Plot, kills: readonly Kill[]): Promise<number> {
  const queue = [...kills];
  let killed = 0;
  const worker = async () => {
    for (let kill = queue.shift(); kill !== undefined; kill = queue.shift()) {
      const { point } = kill;
      const wasKilled = await liveTwice(plot, kill, expectTruth);
      expect({ kill, wasKilled }).toSatisfy(() => wasKilled || BESIDE.includes(point));
      if (wasKilled) killed += 1;
    }
  };
  await Promise.all([worker(), worker()]);
  return killed;
}

describe.concurrent('a bot that is killed makes no change twice, does not get stuck, and reports what the hosts did', {
  timeout: TIMEOUT_MS,
}, () => {
  it.each(whole)('at every boundary: $title', async (plot) => {
    const points = (await pointsOf(plot)).filter(isApart);
    for (const point of AROUND_THE_CHANGE) expect(points).toContainEqual({ point, nth: 1 });
    const tried = sampledFrom(points, 8);
    const killed = await killAtEach(plot, tried);
    expect(killed).toBeGreaterThan(tried.filter(({ point }) => !BESIDE.includes(point)).length - 1);
  });

  it.each(sampled)('right around its first change: $title', async (plot) => {
    const points = isFull ? AROUND_THE_CHANGE : AT_THE_CHANGE;
    const killed = await killAtEach(
      plot,
      points.map((point) => ({ point, nth: 1 })),
    );
    expect(killed).toBe(points.length);
  });
});

leftOut(
  'every boundary of each runbook',
  `${sampled.length} of ${covering.length} kinds of repairs were killed, at ${AT_THE_CHANGE.length} boundaries of one step, and one kind at 8`,
);
