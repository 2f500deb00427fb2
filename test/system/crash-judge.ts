import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Sealed } from '../../src/audit/chain.ts';
import { examine } from '../../src/audit/examine.ts';
import { show } from '../../src/core/command.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { RunView, StepView } from '../../src/core/run.ts';
import { AUDIT_KEY, lastShown } from './crash-life.ts';
import type { Ended, Kill } from './crash-lives.ts';

/** A step of the run, with the exact line of its change. */
interface Told {
  readonly line: string;
  readonly stop: string | undefined;
  /** Its target tells for good whether it was started. */
  readonly outlives: boolean;
  readonly state: StepView;
}

/** Points between the word that a change starts and its way to the host: only there nobody can know whether it was made. */
const UNKNOWABLE: readonly string[] = ['started-written', 'change-sent'];

/** Nothing was made twice, nothing is stuck, and what people and the trail are told is what the hosts have executed. */
export async function expectTruth(ended: Ended, kill: Kill): Promise<void> {
  const { play, directory, view, killed } = ended;
  const told = toldBy(view);
  expect({ kill, status: view.status }).toEqual({ kill, status: 'finished' });
  expect(lastShown(directory)).toEqual(JSON.parse(JSON.stringify(view)));
  expect(told.filter(({ state }) => endedWithoutWords(state))).toEqual([]);
  expectExecuted(told, play.executed());
  const unknown = told.filter(({ state }) => state.status === 'unknown').length;
  const isUnknowable =
    killed && UNKNOWABLE.includes(kill.point) && view.runbook.id !== 'long-work' && told[kill.nth - 1]?.outlives !== true;
  expect({ kill, unknown }).toEqual({ kill, unknown: isUnknowable ? 1 : 0 });
  await expectTrail(directory, view.id, told, play.executed());
  expect(holdsIn(directory).length > 0).toBe(unknown > 0);
}

function toldBy({ rounds }: RunView): readonly Told[] {
  return rounds.flatMap(({ plan, steps }) =>
    stepsOf(plan).flatMap(({ change, work }, index) => {
      const state = steps[index];
      return state === undefined
        ? []
        : [{ line: show(change.command), stop: work && show(work.stop.command), outlives: work?.outlivesTarget === true, state }];
    }),
  );
}

/** A step that was not offered stays as it was; every other one says what became of it. */
function endedWithoutWords({ status, detail, expiresAt }: StepView): boolean {
  return status === 'waiting' ? expiresAt !== 0 : detail === undefined || status === 'approved' || status === 'started';
}

/** The lines in the order of their steps: a change that is done was made once, an unknown one perhaps, any other never. */
function expectExecuted(told: readonly Told[], executed: readonly string[]): void {
  const stops = new Set(told.map(({ stop }) => stop));
  const left = executed.filter((line) => !stops.has(line));
  const expected: string[] = [];
  for (const { line, state } of told) {
    const { status, detail = '' } = state;
    const made = status === 'done' || (status === 'failed' && !detail.startsWith('Not made:'));
    if (made || (status === 'unknown' && left[expected.length] === line)) expected.push(line);
  }
  expect({ told, made: left }).toEqual({ told, made: expected });
}

const Event = z.object({
  kind: z.string(),
  run: z.string().optional(),
  to: z.string().optional(),
  command: z.string().optional(),
});

/** The trail is whole, agrees with the journal, and names every line that was executed, once for each time that it may have been. */
async function expectTrail(directory: string, run: string, told: readonly Told[], executed: readonly string[]): Promise<void> {
  const events: z.output<typeof Event>[] = [];
  const each = ({ event }: Sealed) => void events.push(Event.parse(event));
  const { problems, compared } = await examine({ stateDirectory: directory, key: AUDIT_KEY, given: [], each });
  expect(problems).toEqual([]);
  expect(compared.runs).toBeGreaterThan(0);
  const lines = (kind: string) =>
    events.flatMap(({ kind: is, run: of, to, command }) =>
      is === kind && of === run && (to ?? 'started') === 'started' ? [command ?? ''] : [],
    );
  const started = told.filter(({ state }) => ['done', 'failed', 'unknown'].includes(state.status)).map(({ line }) => line);
  expect(lines('step')).toEqual(started);
  const asked = [...lines('step'), ...lines('stop-asked')];
  for (const line of new Set(executed)) expect(countOf(asked, line)).toBeGreaterThanOrEqual(countOf(executed, line));
}

function countOf(lines: readonly string[], line: string): number {
  return lines.filter((one) => one === line).length;
}

function holdsIn(directory: string): readonly unknown[] {
  const database = new DatabaseSync(join(directory, 'storagebot.db'), { readOnly: true });
  try {
    return database.prepare('SELECT kind, name FROM holds').all();
  } finally {
    database.close();
  }
}
