import { type App, openSurroundings, peer, quiet, type Surroundings, storagebot } from '../apps.ts';
import { type Figure, type Findings, ms } from '../report.ts';
import { median, pairedRatio, percentile } from '../stats.ts';

const GOAL = { is: 'at most', ratio: 1.3 } as const;
const SITE_LATENCY_MS = 20;

/** How a command is typed, and how many times on each side. */
interface Trial {
  readonly what: string;
  readonly text: string;
  readonly how: 'inTurn' | 'atOnce';
  /** Commands in one block: one p99 comes out of each. */
  readonly count: number;
  readonly blocks: number;
  /** Blocks before those that count. */
  readonly warmUp: number;
}

/** storagebot forgets after 20,000 identities, two for each command; all trials together stay below that. */
const HELP = { text: '/storage help', count: 100, blocks: 36, warmUp: 4 } as const;
const DIAGNOSE = { text: '/storage diagnose nfs immich', warmUp: 1 } as const;
const TRIALS: readonly Trial[] = [
  { ...HELP, what: 'ack of help, 1 at once, p99', how: 'inTurn' },
  { ...HELP, what: 'ack of help, 100 at once, p99', how: 'atOnce' },
  { ...DIAGNOSE, what: 'ack of a diagnosis, 1 at once, median', how: 'inTurn', count: 1, blocks: 15 },
  { ...DIAGNOSE, what: 'ack of a diagnosis, 100 at once, p99', how: 'atOnce', count: 100, blocks: 3 },
];

/** How soon Slack hears that a command has arrived: storagebot beside the least that Bolt can do. */
export async function benchAck(): Promise<Findings> {
  const around = openSurroundings();
  try {
    const bot = await storagebot(around, SITE_LATENCY_MS);
    const bare = await peer(around, 'bare-bolt');
    const programs = [await bot.start(), await bare.start()];
    const figures: Figure[] = [];
    for (const trial of TRIALS) figures.push(await compare(around, { bot, bare }, trial));
    for (const program of programs) await program.stop();
    return { figures, notes: [] };
  } finally {
    await around.close();
  }
}

async function compare(around: Surroundings, { bot, bare }: { bot: App; bare: App }, trial: Trial): Promise<Figure> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let block = -trial.warmUp; block < trial.blocks; block += 1) {
    const our = await p99(around, bot, trial);
    // The runs that the commands started would take the processor from the other app.
    if (trial.text !== HELP.text) await quiet(around, bot);
    const their = await p99(around, bare, trial);
    if (block < 0) continue;
    ours.push(our);
    theirs.push(their);
  }
  return {
    what: trial.what,
    storagebot: ms(median(ours)),
    other: ms(median(theirs)),
    against: 'bare Bolt app that repeats the words',
    ratio: pairedRatio(ours, theirs),
    goal: GOAL,
  };
}

async function p99({ slack }: Surroundings, { workspace }: App, { how, text, count }: Trial): Promise<number> {
  return percentile(await slack.call(how, workspace.id, text, count), 0.99);
}
