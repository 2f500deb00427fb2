import { z } from 'zod';
import { agree, lineIn } from './agree.ts';
import { sha256Of } from './canonical.ts';
import type { DecisionRow, JournalRows, RoundRow, RunRow, StepRow } from './journal.ts';
import type { EventOf } from './read-event.ts';
import type { Told, ToldRun, ToldStep } from './told.ts';
import type { TrailProblem } from './verify.ts';

/** One thing that the trail and the journal both hold, or that one of them lacks. */
interface Pair {
  readonly what: string;
  /** Of the line that tells it. */
  readonly seq: number | undefined;
  readonly told: unknown;
  readonly found: unknown;
}

const MISSING = Symbol('missing');

/** What the journal of a run has and the trail tells otherwise: each difference as a sentence. */
export function compareRun(told: ToldRun, journal: JournalRows): TrailProblem[] {
  const pairs = [
    ...runPairs(told, journal.run),
    ...bothOf(
      told.looked,
      mapOf(journal.rounds, ({ number }) => `${number}`),
      'the recording of round',
    ).flatMap((both) => (told.dropped === undefined ? recordingPairs(both) : droppedPairs(both))),
    ...bothOf(plannedIn(told), mapOf(journal.steps, stepKey), 'the plan of step').map(planPair),
    ...journal.steps.map((row) => statePair(told, row)),
    ...bothOf(told.decided, mapOf(journal.decisions, decisionKey), 'the decision').map(decisionPair),
  ];
  return pairs.flatMap((pair) => problemOf(told.asked.event.run, pair));
}

function problemOf(run: string, { what, seq, told, found }: Pair): TrailProblem[] {
  const subject = `Run ${run}: ${what}`;
  const ref = seq === undefined ? {} : { seq };
  if (told === MISSING) return [{ says: `${subject} stands in the journal and not in the trail.`, run }];
  if (found === MISSING) return [{ says: `${subject} stands in the trail (seq ${seq}) and not in the journal.`, run, ...ref }];
  if (agree(told, found)) return [];
  return [{ says: `${subject} is not in the journal what seq ${seq} of the trail tells.`, run, ...ref }];
}

function runPairs({ asked, ended, cancelled, dropped }: ToldRun, row: RunRow): Pair[] {
  const { event, seq } = asked;
  const isOver = row.status === 'finished' || row.status === 'broken';
  const word = z.object({ actor: z.unknown(), reason: z.unknown() }).safeParse(row.cancelled).data;
  const end = { what: 'its end', seq: ended?.seq ?? seq };
  return [
    { what: 'the runbook', seq, told: event.runbook, found: row.runbook },
    { what: 'what was asked', seq, told: event.arguments, found: row.arguments },
    { what: 'who asked', seq, told: event.requester, found: row.requester },
    { what: 'where it was asked', seq, told: event.origin, found: row.origin },
    { what: 'what it follows', seq, told: event.follows ?? null, found: row.follows },
    { ...end, told: ended?.event.status ?? MISSING, found: isOver ? row.status : MISSING },
    ...(ended?.event.problem === undefined ? [] : [{ ...end, told: ended.event.problem, found: row.problem }]),
    {
      what: 'its cancellation',
      seq: cancelled?.seq ?? seq,
      told: cancelled === undefined ? MISSING : { actor: cancelled.event.actor, reason: cancelled.event.reason },
      found: row.cancelled === null ? MISSING : (word ?? null),
    },
    {
      what: 'that what it saw was dropped',
      seq: dropped?.seq ?? seq,
      told: dropped === undefined ? MISSING : true,
      found: row.droppedAt === null ? MISSING : true,
    },
  ].filter(({ told, found }) => told !== MISSING || found !== MISSING);
}

function recordingPairs({ what, told, found }: Both<EventOf<'looked'>, RoundRow>): Pair[] {
  if (told === undefined || found === undefined) return [missing({ what, told, found })];
  const outcomes = z.record(z.string(), z.unknown()).safeParse(found.recording).data;
  if (outcomes === undefined) return [{ what, seq: told.seq, told: 'a recording', found: found.recording }];
  const { seq } = told;
  const seen = told.event.seen.map(({ line, sha256 }) => ({ line: lineIn(outcomes, line) ?? line, sha256 }));
  const lines = new Set(seen.map(({ line }) => line));
  const strangers = Object.keys(outcomes).filter((line) => !lines.has(line));
  const output = (line: string) => ({ what: `${what}, the output of ${line}`, seq });
  return [
    ...seen.map(({ line, sha256 }) => ({
      ...output(line),
      told: sha256,
      found: line in outcomes ? sha256Of(outcomes[line]) : MISSING,
    })),
    ...strangers.map((line) => ({ ...output(line), told: MISSING, found: outcomes[line] })),
  ];
}

/** Of a run that was dropped: its rounds stay, and nothing that they saw. */
function droppedPairs({ what, told, found }: Both<EventOf<'looked'>, RoundRow>): Pair[] {
  if (told === undefined || found === undefined) return [missing({ what, told, found })];
  return [{ what, seq: told.seq, told: {}, found: found.recording }];
}

type ToldPlan = EventOf<'planned'>['steps'][number];

function plannedIn({ planned }: ToldRun): Map<string, Told<ToldPlan>> {
  const steps = [...planned.values()].flatMap(({ seq, event }) =>
    event.steps.map((step, index) => [`${event.round} ${index}`, { seq, event: step }] as const),
  );
  return new Map(steps);
}

function planPair({ what, told, found }: Both<ToldPlan, StepRow>): Pair {
  if (told === undefined || found === undefined) return missing({ what, told, found });
  const { digest, risk, preview } = found;
  return { what, seq: told.seq, told: told.event, found: { digest, risk, preview } };
}

/** A step without a move is still as it was planned. */
function statePair({ steps: moved, planned }: ToldRun, row: StepRow): Pair {
  const { event, seq } = moved.get(stepKey(row)) ?? { event: UNMOVED, seq: planned.get(`${row.round}`)?.seq };
  const { status, detail, output } = row;
  return {
    what: `what became of step ${stepName(stepKey(row))}`,
    seq,
    told: { status: event.to, detail: event.detail ?? null, output: event.output ?? null },
    found: { status, detail, output },
  };
}

const UNMOVED: ToldStep = { to: 'waiting' };

function decisionPair({ what, told, found }: Both<EventOf<'decided'>, DecisionRow>): Pair {
  if (told === undefined || found === undefined) return missing({ what, told, found });
  const { digest, actor, verdict, reason = null, at } = told.event.decision;
  const { actorId, actorName, ...row } = found;
  return {
    what,
    seq: told.seq,
    told: { digest, actor, verdict, reason, at },
    found: { digest: row.digest, actor: { id: actorId, name: actorName }, verdict: row.verdict, reason: row.reason, at: row.at },
  };
}

interface Both<Event, Row> {
  readonly what: string;
  readonly told: Told<Event> | undefined;
  readonly found: Row | undefined;
}

function bothOf<Event, Row>(
  told: ReadonlyMap<string, Told<Event>>,
  found: ReadonlyMap<string, Row>,
  what: string,
): Both<Event, Row>[] {
  const keys = [...new Set([...told.keys(), ...found.keys()])];
  return keys.map((key) => ({ what: `${what} ${stepName(key)}`, told: told.get(key), found: found.get(key) }));
}

function missing({ what, told, found }: Both<unknown, unknown>): Pair {
  return { what, seq: told?.seq, told: told ?? MISSING, found: found ?? MISSING };
}

function mapOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function stepKey({ round, index }: StepRow): string {
  return `${round} ${index}`;
}

function decisionKey({ round, step, actorId }: DecisionRow): string {
  return `${round} ${step} ${actorId}`;
}

/** `2`, `2.1`, or `2.1 by U012AB3CDEF`: people count steps from 1. */
function stepName(key: string): string {
  const [round, step, ...actor] = key.split(' ');
  const place = step === undefined ? `${round}` : `${round}.${Number(step) + 1}`;
  return actor.length === 0 ? place : `${place} by ${actor.join(' ')}`;
}
