import type { Command, Read } from './command.ts';
import { show } from './command.ts';
import type { Failure, Outcome, Output, Recording } from './output.ts';
import { isFailure } from './output.ts';

/** A value together with the raw output it was read from. Only a Known can prove a finding. */
export interface Known<T> {
  readonly known: true;
  readonly value: T;
  readonly asks: string;
  readonly line: string;
  readonly outcome: Output;
}

/** We could not look. Neither good nor bad: it may limit a conclusion, and never support one. */
export interface Unknown {
  readonly known: false;
  readonly asks: string;
  readonly line: string;
  readonly outcome: Outcome;
  readonly why: Failure;
}

export type Seen<T> = Known<T> | Unknown;

/** The only capability that a gather function gets. It accepts a Read; a Change does not type-check. */
export type Reader = <T>(read: Read<T>) => Promise<Seen<T>>;

/** Gets the raw outcome of a command: from a live system, from a recording, or from a simulated one. Never rejects. */
export type Ask = (command: Command) => Promise<Outcome>;

/** A reader over any source. Within its life each command is asked once, however many reads want it. */
export function readerOver(ask: Ask): Reader {
  const asked = new Map<string, Promise<Outcome>>();
  return async (read) => {
    const line = show(read.command);
    let outcome = asked.get(line);
    if (outcome === undefined) {
      outcome = ask(read.command);
      asked.set(line, outcome);
    }
    return understand(read, await outcome);
  };
}

/** What an outcome means to the read that asked for it. */
export function understand<T>(read: Read<T>, outcome: Outcome): Seen<T> {
  const about = { asks: read.asks, line: show(read.command) };
  if (isFailure(outcome)) return { known: false, ...about, outcome, why: outcome };
  if (!read.answers.includes(outcome.exitCode)) {
    return { known: false, ...about, outcome, why: unexpectedExit(outcome) };
  }
  try {
    return { known: true, ...about, outcome, value: read.parse(outcome) };
  } catch (error) {
    return { known: false, ...about, outcome, why: unreadable(error) };
  }
}

/** What an output says of one of the things that it is about: proved by the whole output, or not seen for a reason of its own. */
export function partOf<T, Part>(seen: Seen<T>, pick: (value: T) => { value: Part } | { why: Failure }): Seen<Part> {
  if (!seen.known) return seen;
  const { asks, line, outcome } = seen;
  const part = pick(seen.value);
  return 'why' in part
    ? { known: false, asks, line, outcome, why: part.why }
    : { known: true, asks, line, outcome, value: part.value };
}

/** Answers from a recording alone. A command it does not hold is a "could not look", as it would have been then. */
export function replay(recording: Recording): Ask {
  return async (command) => recording[show(command)] ?? notRecorded(show(command));
}

/** Asks the source and keeps every outcome in `into`. */
export function recordInto(into: Record<string, Outcome>, ask: Ask): Ask {
  return async (command) => {
    const outcome = await ask(command);
    into[show(command)] = outcome;
    return outcome;
  };
}

function notRecorded(line: string): Failure {
  return { failed: 'cut', says: `The recording does not hold: ${line}`, toDo: 'Look again: the run did not get as far as this.' };
}

function unexpectedExit({ exitCode, stderr, stdout }: Output): Failure {
  const printed = (stderr.trim() || stdout.trim() || 'nothing printed').slice(0, 300);
  return {
    failed: 'unexpected-exit',
    says: `It ended with exit code ${exitCode}, which is not an answer: ${printed}`,
    toDo: 'Run the command by hand on that host and read its error.',
  };
}

function unreadable(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    failed: 'unreadable',
    says: `Its output is not of a form this version knows: ${reason.slice(0, 300)}`,
    toDo: 'Report the raw output as an issue: a parser must learn it.',
  };
}
