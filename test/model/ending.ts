import { z } from 'zod';
import type { JournalStep } from '../../src/store/store.ts';
import type { Sent } from './oracle.ts';
import { Broken } from './oracle.ts';
import { actors, EXPIRES_AFTER_MS } from './people.ts';
import type { Stage } from './stage.ts';
import { wantedBy } from './world.ts';

/** Lets everything come to rest, then to its end, and compares what the bot says with what happened. */
export async function end(stage: Stage): Promise<void> {
  stage.life().fuse = undefined;
  stage.world.reachable = true;
  await stage.letThrough('all', 'well');
  requireRest(stage);
  await stage.life().interventions.unfreeze({ actor: actors.operator, reason: 'the end of the case' });
  await stage.letThrough('all', 'well');
  for (let turn = 0; turn < 3; turn += 1) {
    stage.time.pass(EXPIRES_AFTER_MS);
    stage.life().tick();
    await stage.letThrough('all', 'well');
  }
  for (const run of stage.runs) requireTruth(stage, run);
  requireOneRunEach(stage);
  requireTrail(stage);
}

/** A run that nothing happens to any more has ended, or waits for people with an offer that they can see. */
function requireRest({ bench, runs }: Stage): void {
  for (const run of runs) {
    const journal = bench.store.journal(run);
    if (journal === undefined || journal.run.finishedAt !== null) continue;
    const steps = journal.rounds.at(-1)?.steps ?? [];
    const isOffered = steps.some(({ status, expiresAt }) => status === 'waiting' && expiresAt !== null);
    if (!isOffered || journal.run.status !== 'waiting')
      throw new Broken('no run is stuck', `run ${run} is ${journal.run.status}: ${steps.map(({ status }) => status).join(', ')}`);
  }
}

/** What its own words say about a step, for the statistics alone. */
function wordsOf({ status, detail }: JournalStep): readonly string[] {
  const known = ['Frozen by', 'no longer holds', 'could not look', 'The plan changed', 'took over', 'The alert has resolved'];
  const more = [
    'the offer ended before',
    'The bot stopped while',
    'Found done after a restart',
    'gave no answer',
    'did not reach',
  ];
  return [status, ...[...known, ...more].filter((words) => detail?.includes(words)).map((words) => `${status}: ${words}`)];
}

const NEVER_SENT: ReadonlySet<string> = new Set(['waiting', 'refused', 'denied', 'expired', 'withdrawn', 'cancelled']);

function requireTruth({ bench, oracle, world, tally }: Stage, run: string): void {
  const journal = bench.store.journal(run);
  if (journal === undefined) return;
  if (journal.run.status !== 'finished') throw new Broken('every run ends', `run ${run} is ${journal.run.status}`);
  for (const step of journal.rounds.flatMap(({ steps }) => steps)) {
    for (const what of wordsOf(step)) tally.count(what);
    const sent = oracle.sent.filter((each) => each.run === run && each.round === step.round && each.index === step.index);
    requireTrueStatus(step, sent);
    if (step.status === 'done' && !wasSeenDone(world.sights, run, { step, sent }))
      throw new Broken('done means that it was seen to be done', nameOf(step));
  }
}

function requireTrueStatus(step: JournalStep, sent: readonly Sent[]): void {
  const foundDone = step.detail?.startsWith('Found done after a restart.') === true;
  const wrong =
    (NEVER_SENT.has(step.status) && sent.length > 0) ||
    (step.status === 'done' && sent.length === 0 && !foundDone) ||
    (step.status === 'failed' && sent.length !== 1) ||
    ['approved', 'started'].includes(step.status);
  if (wrong)
    throw new Broken('what is said of a step is what happened', `${nameOf(step)} is ${step.status}, sent ${sent.length} times`);
}

function wasSeenDone(
  sights: Stage['world']['sights'],
  run: string,
  { step, sent }: { step: JournalStep; sent: readonly Sent[] },
): boolean {
  const [verb = '', name = ''] = commandIn(step).split(' ');
  const since = sent[0]?.seq ?? 0;
  return sights.some((sight) => sight.run === run && sight.seq > since && sight.name === name && sight.state === wantedBy(verb));
}

function commandIn({ preview }: JournalStep): string {
  return /^ {2}run {6}box\$ (.*)$/m.exec(preview)?.[1] ?? '';
}

function nameOf({ run, round, index }: JournalStep): string {
  return `step ${round}.${index + 1} of run ${run}`;
}

const Line = z.object({
  event: z.looseObject({
    kind: z.string(),
    to: z.string().optional(),
    command: z.string().optional(),
    run: z.string().optional(),
    round: z.number().optional(),
    step: z.number().optional(),
  }),
});

/** However often an envelope that asks for a run was delivered, there is one run. */
function requireOneRunEach({ bench, runs, oracle }: Stage): void {
  const asked = new Set(oracle.handlings.flatMap(({ press }) => (press.does === 'follow' ? [press.trigger] : [])));
  const made = runs.filter((run) => (bench.store.run(run)?.follows ?? null) !== null);
  if (made.length > asked.size) throw new Broken('a request makes one run', `${made.join(', ')} of ${asked.size} requests`);
}

/** Each executed line is in the audit trail once; a start of which nothing was sent is there only where the bot was killed. */
function requireTrail({ bench, firstLine, oracle }: Stage): void {
  const started = bench
    .since(firstLine)
    .filter((text) => text.includes('"to":"started"'))
    .map((text) => Line.parse(JSON.parse(text)).event)
    .map(({ run, round, step, command }) => `${run} ${round} ${step} ${command}`);
  for (const { run, round, index, line } of oracle.sent) {
    const count = started.filter((each) => each === `${run} ${round} ${index} ${line}`).length;
    if (count !== 1) throw new Broken('each executed line is in the audit trail once', `${line} is there ${count} times`);
  }
}
