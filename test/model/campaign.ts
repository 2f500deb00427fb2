import { isFull } from '../depth.ts';
import { fc, seed } from '../seed.ts';
import type { Bench } from './bench.ts';
import { openBench } from './bench.ts';
import type { Bug } from './bugs.ts';
import type { Case } from './commands.ts';
import { cases } from './commands.ts';
import { end } from './ending.ts';
import { Broken } from './oracle.ts';
import { play } from './play.ts';
import type { Tally } from './tally.ts';
import { createTally } from './tally.ts';
import { createTime } from './time.ts';

/** In all, over all files of this test: 10,000 in CI; `STORAGEBOT_MODEL_RUNS` sets another number for a longer campaign. */
export const RUNS = Number(process.env['STORAGEBOT_MODEL_RUNS'] ?? (isFull ? 10_000 : 800));

/** A database in which many cases have been is slow, and a new one for each case is slower. */
const CASES_PER_BENCH = 100;

interface Campaign {
  readonly tally: Tally;
  readonly result: fc.RunDetails<[Case]>;
}

interface Length {
  readonly numRuns: number;
  /** Each share plays other cases. */
  readonly share: number;
}

/** Plays so many cases, with all the rules of the model; the first that breaks one is made as small as possible. */
export async function campaign({ numRuns, share }: Length, bug?: Bug): Promise<Campaign> {
  const time = createTime();
  const tally = createTally();
  const benches = createBenches();
  let number = 0;
  const property = fc.asyncProperty(cases, async (one) => {
    try {
      number += 1;
      await end(await play({ bench: benches.next(), time, bug, tally, number }, one));
    } catch (error) {
      benches.discard();
      throw error;
    }
  });
  time.install();
  try {
    const result = await fc.check(property, { numRuns, endOnFailure: bug !== undefined, seed: seed + share });
    benches.discard();
    return { tally, result };
  } finally {
    time.remove();
  }
}

/** One state directory after another; the audit trail of each is verified as a whole before it goes. */
function createBenches() {
  let bench: Bench | undefined;
  let left = 0;
  const discard = () => {
    bench?.close();
    bench = undefined;
  };
  return {
    discard,
    next(): Bench {
      left -= 1;
      if (left < 0) {
        const [problem] = bench?.problems() ?? [];
        discard();
        if (problem !== undefined) throw new Broken('the audit trail is whole', problem);
      }
      if (bench === undefined) left = CASES_PER_BENCH - 1;
      bench ??= openBench();
      return bench;
    },
  };
}
