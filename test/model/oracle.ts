import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conflict } from '../../src/core/hold.ts';
import type { Journal, JournalRound, JournalStep } from '../../src/store/store.ts';
import type { Bench } from './bench.ts';
import type { Build } from './commands.ts';
import type { Groups, Span } from './people.ts';
import { EXPIRES_AFTER_MS, mayApproveAlone } from './people.ts';
import type { Press } from './presses.ts';
import type { Time } from './time.ts';
import type { World } from './world.ts';
import { wantedBy } from './world.ts';

/** A rule of the model that the bot broke. */
export class Broken extends Error {
  override readonly name = 'Broken';
  readonly rule: string;
  constructor(rule: string, about: string) {
    super(`${rule}: ${about}`);
    this.rule = rule;
  }
}

/** One handling of a press by one life of the bot. */
export interface Handling {
  readonly press: Press;
  readonly began: number;
  /** Undefined: the bot was killed before it answered, so what it did is on disk or nowhere. */
  readonly accepted: boolean | undefined;
  readonly ended: number;
  /** The clock when it ended. */
  readonly at: number;
  readonly frozen: boolean;
}

export interface Sent {
  readonly run: string;
  readonly round: number;
  readonly index: number;
  readonly line: string;
  readonly seq: number;
}

/** A change in the moment in which it is sent. */
export interface Change {
  readonly run: string;
  readonly line: string;
  /** The version of the bot that sends it. */
  readonly build: Build;
}

export interface OracleParts {
  readonly bench: Bench;
  readonly time: Time;
  readonly world: World;
  readonly groups: Groups;
  readonly selfApproval: boolean;
  readonly runs: readonly string[];
}

type Decided = Extract<Press, { does: 'decide' }>;

/** What the bot must obey, kept in its own small books: what people did and what happened, never what the bot concluded. */
export function createOracle(parts: OracleParts) {
  const { bench, time } = parts;
  const handlings: Handling[] = [];
  const sent: Sent[] = [];
  const offered = new Map<string, number>();
  const planned = new Map<string, Build>();
  const ended = new Map<string, string>();
  const takenFrom: { readonly run: string; readonly round: number }[] = [];
  const freezes: number[] = [];
  const isFrozen = () => existsSync(join(bench.directory, 'FROZEN'));
  const books = { ...parts, handlings, sent, offered, planned, ended, takenFrom, freezes, isFrozen };
  let wasFrozen = false;
  return {
    ...books,
    /** Looks whether a freeze has begun. */
    watch(): void {
      const is = isFrozen();
      if (is && !wasFrozen) freezes.push(time.next());
      wasFrozen = is;
    },
    handled(handling: Handling): void {
      handlings.push(handling);
      const { press, accepted } = handling;
      if (accepted !== true) return;
      if (press.does === 'cancel') ended.set(press.run, 'cancelled');
      if (press.does !== 'decide') return;
      if (press.verdict === 'deny') return void ended.set(press.run, 'denied');
      requireRight(books, handling, press);
    },
    onOffer: (key: { run: string; round: number; index: number }) => void offered.set(keyOf(key), time.now() + EXPIRES_AFTER_MS),
    onPlanned: (run: string, round: number, build: Build) => void planned.set(`${run} ${round}`, build),
    onTakeOver(run: string): void {
      for (const holder of new Set(bench.store.holders(run).map((each) => each.run)))
        takenFrom.push({ run: holder, round: bench.store.journal(holder)?.rounds.at(-1)?.number ?? 0 });
    },
    /** Throws where the change must not be sent; tells what it is. */
    onSent(change: Change) {
      const { step, round } = startedStep(books, change);
      requireAllowed(books, change, { step, round });
      sent.push({ ...change, round: step.round, index: step.index, seq: time.next() });
      const run = bench.store.run(change.run);
      const isOwn = step.decisions.some(({ actor }) => actor.id === run?.requester.id);
      return { risk: step.risk, isUndo: run?.follows?.how === 'undo', isOwn };
    },
  };
}

export type Oracle = ReturnType<typeof createOracle>;
type Books = Pick<Oracle, 'handlings' | 'sent' | 'offered' | 'planned' | 'ended' | 'takenFrom' | 'freezes' | 'isFrozen'> &
  OracleParts;

function keyOf({ run, round, index }: { run: string; round: number; index: number }): string {
  return `${run} ${round} ${index}`;
}

/** An approval that was accepted must be one that counts. */
function requireRight(books: Books, handling: Handling, { run, shown }: Decided): void {
  const journal = books.bench.store.journal(run);
  const step = journal?.rounds.find(({ number }) => number === shown.round)?.steps[shown.step];
  const wrong =
    journal === undefined || step === undefined ? 'there is no such step' : whyNotCounted(books, { handling, journal, step });
  if (wrong !== undefined) throw new Broken('an approval counts only from the right person, in time, for what was shown', wrong);
}

interface About {
  readonly handling: Handling;
  readonly journal: Journal;
  readonly step: JournalStep;
}

/** Why this handling of a press is no approval of this step. */
function whyNotCounted(books: Books, { handling, journal, step }: About): string | undefined {
  const { press, at, frozen, accepted } = handling;
  if (press.does !== 'decide' || press.verdict !== 'approve') return 'it is no approval';
  const { run, shown, digest, actor, typed } = press;
  if (run !== step.run || shown.round !== step.round || shown.step !== step.index) return 'it is for another step';
  if (digest !== step.digest) return 'it names another digest';
  if (accepted === false) return 'it was turned down';
  if (frozen) return 'it was given while the bot was frozen';
  if (at >= (books.offered.get(keyOf(step)) ?? 0)) return 'it came too late';
  if (step.risk === 'destructive' && typed !== wordOf(step)) return 'the word was not typed';
  const own = actor.id === journal.run.requester.id;
  if (own && !(books.selfApproval && step.risk === 'normal')) return 'it is the approval of who asked';
  const span: Span = handling;
  const may =
    step.risk === 'high'
      ? books.groups.was('SONE', actor.id, span) || books.groups.was('STWO', actor.id, span)
      : mayApproveAlone(books.groups, step.risk, { id: actor.id, span });
  return may ? undefined : 'this person may not approve it';
}

/** What the preview names last before its end, of the form `/srv/name`. */
function wordOf({ preview }: JournalStep): string {
  return `/srv/${preview.split('\n')[0]?.split(' ').at(-2) ?? ''}`;
}

/** The approvals after which a step may be made, each the last of a complete set. */
function completing(books: Books, journal: Journal, step: JournalStep): readonly Handling[] {
  const counting = books.handlings.filter((handling) => whyNotCounted(books, { handling, journal, step }) === undefined);
  if (step.risk !== 'high') return counting;
  return counting.filter((last) => {
    const ids = counting.filter(({ ended }) => ended <= last.ended).map(({ press }) => press.actor.id);
    const { was } = books.groups;
    return ids.some((one) => was('SONE', one, last) && ids.some((two) => two !== one && was('STWO', two, last)));
  });
}

/** The step whose change this is: the only one of its run that is on record as started. */
function startedStep({ bench }: Books, { run, line }: Change) {
  const journal = bench.store.journal(run);
  const rounds = journal?.rounds ?? [];
  const started = rounds.flatMap((round) => round.steps.flatMap((step) => (step.status === 'started' ? [{ round, step }] : [])));
  const [first, ...more] = started;
  if (first === undefined || more.length > 0) throw new Broken('a change is on record as started before it is sent', line);
  return first;
}

interface Place {
  readonly step: JournalStep;
  readonly round: JournalRound;
}

function requireAllowed(books: Books, { run, line, build }: Change, { step, round }: Place): void {
  const { time, offered, planned, sent, takenFrom, ended, freezes } = books;
  const require = (holds: boolean, rule: string) => {
    if (!holds) throw new Broken(rule, `${line} (run ${run}, step ${step.round}.${step.index + 1})`);
  };
  const journal = books.bench.store.journal(run);
  const approvals = journal === undefined ? [] : completing(books, journal, step);
  require(sent.every((earlier) => keyOf(earlier) !== keyOf(step)), 'an approval leads to at most one execution');
  require(time.now() < (offered.get(keyOf(step)) ?? 0), 'nothing is executed after its offer has expired');
  require(!books.isFrozen(), 'nothing is executed while the bot is frozen');
  require(!ended.has(run), 'nothing is executed in a run that was cancelled, denied or withdrawn');
  require(!takenFrom.some(
    (taken) => taken.run === run && step.round <= taken.round,
  ), 'nothing is executed by a run from which another took over');
  require(approvals.length > 0, 'nothing is executed without the approvals of the right people');
  const live = approvals.filter(({ ended: at }) => !freezes.some((frozen) => frozen > at));
  require(live.length > 0, 'an approval from before a freeze is void');
  const same = live.filter(({ press }) => press.does === 'decide' && press.shown.line === line);
  require(same.length > 0, 'what is executed is what was shown, byte for byte');
  // An approval names a digest, and that is of the build that planned the step, whichever one showed it.
  require(planned.get(`${run} ${step.round}`) === build, 'an approval is void for another version');
  require(same.some(({ ended: at }) =>
    sawWhatItNeeds(books, run, { line, at }),
  ), 'nothing is executed whose precondition was not seen to hold after the approval');
  require(!isTaken(books, run, round), 'nothing is executed on what another run holds');
}

/** The last look at the switch came after the approval, and it was in the other position. */
function sawWhatItNeeds({ world }: Books, run: string, { line, at }: { line: string; at: number }): boolean {
  const [verb = '', name = ''] = line.split('$ ')[1]?.split(' ') ?? [];
  const last = world.sights.findLast((sight) => sight.run === run && sight.name === name);
  return last !== undefined && last.seq > at && last.state === (wantedBy(verb) === 'on' ? 'off' : 'on');
}

/** Another run has got a change approved on the same thing and is not through with it, or nobody knows whether it was made. */
function isTaken(books: Books, run: string, round: JournalRound): boolean {
  return books.runs.some((other) => {
    const journal = other === run ? undefined : books.bench.store.journal(other);
    const last = journal?.rounds.at(-1);
    if (journal === undefined || last === undefined) return false;
    // What is being made now cannot be taken over.
    if (
      last.steps.some(({ status }) => status === 'started') &&
      last.holds.some((one) => round.holds.some((two) => conflict(one, two)))
    )
      return true;
    const isOpen = journal.run.finishedAt === null && last.steps.some(({ status }) => WAS_APPROVED.has(status));
    const unknown = journal.rounds.filter(({ steps }) => steps.some(({ status }) => status === 'unknown'));
    return [...(isOpen ? [last] : []), ...unknown].some(
      (held) =>
        !books.takenFrom.some((taken) => taken.run === other && taken.round >= held.number) &&
        held.holds.some((one) => round.holds.some((two) => conflict(one, two))),
    );
  });
}

const WAS_APPROVED: ReadonlySet<string> = new Set(['approved', 'started', 'done', 'failed', 'unknown']);
