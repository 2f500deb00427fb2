import { z } from 'zod';
import { renderOutput } from '../slack/outputs.ts';
import { lineIn } from './agree.ts';
import { canonical, sha256Of } from './canonical.ts';
import type { Entry, Known } from './history.ts';

/** What each round of a run recorded, by the number of the round: command line → outcome, unjudged. */
export type Recordings = ReadonlyMap<number, Readonly<Record<string, unknown>>>;

/** One command of a look and all that came of it. */
export interface Proof {
  readonly line: string;
  readonly text: string;
  /** False where the recording is not what the trail has sealed. */
  readonly isSealed: boolean;
}

/** What a run recorded, and all that the trail tells of it. */
export interface Recorded {
  readonly recordings: Recordings;
  readonly entries: readonly Entry[];
}

const DROPPED = 'What it printed was dropped because of its age (state.keepRuns).';

export function proofsOf({ event }: Known<'looked'>, { recordings, entries }: Recorded): readonly Proof[] {
  if (entries.some((entry) => entry.event?.kind === 'dropped'))
    return event.seen.map(({ line, outcome }) => ({ line, text: `${outcome}\n${DROPPED}\n`, isSealed: true }));
  const outcomes = recordings.get(event.round) ?? {};
  return event.seen.map(({ line, outcome, sha256 }) => {
    const found = lineIn(outcomes, line);
    if (found === undefined) return { line, text: `${outcome}\nThe recording does not hold what it printed.\n`, isSealed: false };
    return { line, text: outcomeText(outcomes[found]), isSealed: sha256Of(outcomes[found]) === sha256 };
  });
}

const Output = z.object({ exitCode: z.number(), stdout: z.string(), stderr: z.string() });
const Failure = z.object({ failed: z.string(), says: z.string(), toDo: z.string() });

function outcomeText(outcome: unknown): string {
  const output = Output.safeParse(outcome).data;
  if (output !== undefined) return renderOutput(output);
  const failure = Failure.safeParse(outcome).data;
  if (failure === undefined) return canonical(outcome);
  return `could not look (${failure.failed}): ${failure.says}\nwhat to do: ${failure.toDo}\n`;
}
