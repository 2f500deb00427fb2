import { setTimeout as sleep } from 'node:timers/promises';
import { type App, openSurroundings, peer, storagebot } from '../apps.ts';
import type { Program } from '../program.ts';
import { type Findings, mebibytes, ms } from '../report.ts';
import { median, pairedRatio } from '../stats.ts';

const GOAL = { is: 'at most', ratio: 1.2 } as const;
const ROUNDS = 3;
const IDLE_MS = 10_000;

interface Sample {
  readonly readyMs: number;
  readonly bytes: number;
}

/** Time until ready, and memory after ten idle seconds. */
export async function benchFootprint(): Promise<Findings> {
  const around = openSurroundings();
  try {
    const apps = [await storagebot(around, 0), await peer(around, 'same-imports')];
    const ours: Sample[] = [];
    const theirs: Sample[] = [];
    // The first start of each reads the files from the disk; it does not count.
    for (const app of apps) await (await app.start()).stop();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [our, their] = await startAndIdle(apps, round % 2 === 1);
      if (our === undefined || their === undefined) throw new Error('Both apps must be measured');
      ours.push(our);
      theirs.push(their);
    }
    return { figures: figuresOf(ours, theirs), notes: [] };
  } finally {
    await around.close();
  }
}

/** Starts one after the other, in turns in the other order, and lets them idle side by side. Samples are in the order of `apps`. */
async function startAndIdle(apps: readonly App[], isReversed: boolean): Promise<Sample[]> {
  const programs = new Map<App, Program>();
  for (const app of isReversed ? apps.toReversed() : apps) programs.set(app, await app.start());
  await sleep(IDLE_MS);
  const samples: Sample[] = [];
  for (const app of apps) {
    const program = programs.get(app);
    if (program !== undefined) samples.push({ readyMs: program.readyMs, bytes: await program.residentBytes() });
    await program?.stop();
  }
  return samples;
}

function figuresOf(ours: readonly Sample[], theirs: readonly Sample[]): Findings['figures'] {
  const ready = (samples: readonly Sample[]) => samples.map(({ readyMs }) => readyMs);
  const memory = (samples: readonly Sample[]) => samples.map(({ bytes }) => bytes);
  const against = 'bare Bolt app with the same imports';
  const figure = (what: string, of: typeof ready, show: (value: number) => string) => ({
    what,
    storagebot: show(median(of(ours))),
    other: show(median(of(theirs))),
    against,
    ratio: pairedRatio(of(ours), of(theirs)),
    goal: GOAL,
  });
  return [figure('time until ready', ready, ms), figure('memory after 10 s idle', memory, mebibytes)];
}
