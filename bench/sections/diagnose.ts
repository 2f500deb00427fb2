import { loadConfig } from '../../src/config/config.ts';
import { isFailure } from '../../src/core/output.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { type BotEngine, openBotEngine, type TimedRun } from '../bot-engine.ts';
import { missingPrograms, type OneByOne, openOneByOne } from '../peers/one-by-one.ts';
import type { Site, SiteCalls } from '../processes/site.ts';
import { startRemote } from '../remote.ts';
import { type Figure, type Findings, ms } from '../report.ts';
import { chainOf, durationOf, median, pairedRatio, sum } from '../stats.ts';
import type { TimedRead } from '../timed.ts';

const LATENCIES_MS = [20, 100];
const ROUNDS = 5;
/** They take seconds each. */
const ONE_BY_ONE_ROUNDS = 3;

interface Subject {
  readonly scenario: string;
  readonly words: readonly [string, ...string[]];
  /** Throws where the run did not see what it is measured for. */
  readonly require: (run: TimedRun) => void;
  /** The most that it may take, in terms of its longest chain of reads. */
  readonly ratio: number;
  /** Compared too with a person who asks the same in turn, which takes minutes at a big site, and with its chain alone. */
  readonly closely: boolean;
}

const ONE_SERVICE: Subject = {
  scenario: 'export-missing',
  words: ['immich'],
  require: ({ view }) => {
    if (stepsOf(view.rounds[0]?.plan ?? { stop: '' }).length === 0) throw new Error('The run made no plan');
  },
  ratio: 1.2,
  closely: true,
};

const WHOLE_CLUSTER: Subject = {
  scenario: 'big-site',
  words: ['all'],
  require: ({ view }) => {
    const says = view.rounds[0]?.diagnosis.evidence.map((each) => each.says) ?? [];
    if (!says.includes('150 of 150 mounts answer')) throw new Error(`The run did not see the big site: ${says.join('; ')}`);
  },
  ratio: 1.3,
  closely: false,
};

/** `diagnose nfs` of a service and of a whole big site, from the request to the plan, on warm connections. */
export async function benchDiagnose(): Promise<Findings> {
  const remote = startRemote<SiteCalls>(new URL('../processes/site.ts', import.meta.url));
  const missing = await missingPrograms();
  const found: Findings[] = [];
  try {
    for (const subject of [ONE_SERVICE, WHOLE_CLUSTER]) {
      for (const latencyMs of LATENCIES_MS) {
        const site = await remote.call('open', { latencyMs, scenario: subject.scenario });
        found.push(await measure(site, { latencyMs, missing, subject }));
      }
    }
  } finally {
    await remote.stop();
  }
  return { figures: found.flatMap(({ figures }) => figures), notes: found.flatMap(({ notes }) => notes) };
}

interface Conditions {
  readonly latencyMs: number;
  readonly missing: readonly string[];
  readonly subject: Subject;
}

async function measure(site: Site, { latencyMs, missing, subject }: Conditions): Promise<Findings> {
  const config = await loadConfig(site.configPath);
  const engine = await openBotEngine(config);
  const person = missing.length === 0 && subject.closely ? await openOneByOne(config, site.directory) : undefined;
  try {
    return reportOf({ latencyMs, missing, subject }, await sideBySide(subject, engine, person));
  } finally {
    await person?.close();
    await engine.close();
  }
}

interface Rounds {
  readonly runs: readonly TimedRun[];
  /** The reads of each run's longest chain, asked one after the other with nothing else under way. */
  readonly chainsMs: readonly number[];
  readonly oneByOneMs: readonly number[];
}

async function sideBySide({ words, require }: Subject, engine: BotEngine, person: OneByOne | undefined): Promise<Rounds> {
  const runs: TimedRun[] = [];
  const chainsMs: number[] = [];
  const oneByOneMs: number[] = [];
  await warmUp(words, engine, person);
  for (let round = 0; round < ROUNDS; round += 1) {
    const run = await engine.diagnose(...words);
    require(run);
    runs.push(run);
    chainsMs.push(await engine.inTurn(chainOf(run.reads).map(({ command }) => command)));
    if (person !== undefined && round < ONE_BY_ONE_ROUNDS) oneByOneMs.push(await timeOneByOne(person, run.reads));
  }
  return { runs, chainsMs, oneByOneMs };
}

/** Opens all connections, lets the compiler and kubectl's cache settle, and sees that both sides get the same answers. */
async function warmUp(words: Subject['words'], engine: BotEngine, person: OneByOne | undefined): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await engine.diagnose(...words);
  if (person === undefined) return;
  const { reads } = await engine.diagnose(...words);
  for (const { command, line, outcome } of reads) {
    const exitCode = await person.run(command);
    if (isFailure(outcome) || exitCode !== outcome.exitCode)
      throw new Error(`${line} ended otherwise when run by hand: ${exitCode}`);
  }
}

async function timeOneByOne(person: OneByOne, reads: readonly TimedRead[]): Promise<number> {
  const began = performance.now();
  for (const { command } of reads) await person.run(command);
  return performance.now() - began;
}

function reportOf({ latencyMs, missing, subject }: Conditions, { runs, chainsMs, oneByOneMs }: Rounds): Findings {
  const what = `diagnose nfs ${subject.words.join(' ')}, ${latencyMs} ms a command`;
  const totalsMs = runs.map(durationOf);
  const about = { what, storagebot: ms(median(totalsMs)) };
  const reads = runs[0]?.reads.length ?? 0;
  const inTurn = (): Figure => ({
    ...about,
    other: ms(median(oneByOneMs)),
    against: `ssh and kubectl, the same ${reads} reads in turn`,
    ratio: pairedRatio(oneByOneMs, totalsMs.slice(0, oneByOneMs.length)),
    goal: { is: 'at least', ratio: 6 },
  });
  const chain = (against: string, othersMs: readonly number[]): Figure => ({
    ...about,
    other: ms(median(othersMs)),
    against,
    ratio: pairedRatio(totalsMs, othersMs),
    goal: { is: 'at most', ratio: subject.ratio },
  });
  const inTheRun = runs.map((run) => sum(chainOf(run.reads).map(durationOf)));
  const chains = [
    chain('its longest chain of reads', inTheRun),
    ...(subject.closely ? [chain('the same chain with nothing beside it', chainsMs)] : []),
  ];
  const skipped = (subject.closely ? missing : []).map(
    (program) => `${what}: not compared with reads in turn, because ${program} is not installed`,
  );
  return {
    figures: oneByOneMs.length === 0 ? chains : [inTurn(), ...chains],
    notes: [...skipped, ...runs.slice(-1).flatMap((last) => whereTimeWent(what, last))],
  };
}

/** The last run, piece by piece. */
function whereTimeWent(what: string, { startMs, endMs, reads }: TimedRun): string[] {
  const chain = chainOf(reads);
  const first = Math.min(...reads.map((read) => read.startMs));
  const last = Math.max(...reads.map((read) => read.endMs));
  const steps = chain.map((read) => `  ${ms(read.startMs - startMs)} – ${ms(read.endMs - startMs)}  ${shortened(read.line)}`);
  const edges = `${ms(first - startMs)} before the first read, ${ms(last - first)} reading, ${ms(endMs - last)} from the last answer to the plan`;
  return [`${what}: ${edges}; the chain:`, ...steps];
}

/** A probe of many mounts names each of them. */
function shortened(line: string): string {
  return line.length <= 300 ? line : `${line.slice(0, 300)} … (${line.length} characters)`;
}
