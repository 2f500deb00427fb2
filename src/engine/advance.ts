import { messageOf, Refusal } from '../core/errors.ts';
import type { Step } from '../core/plan.ts';
import { stepsOf } from '../core/plan.ts';
import { mayPass } from '../store/keeping-errors.ts';
import type { JournalStep, RunEnd, StoredRun } from '../store/store.ts';
import { apply, probe } from './apply.ts';
import type { Context } from './context.ts';
import { excerpt } from './excerpt.ts';
import { look } from './look.ts';
import { digestOfStep } from './looks.ts';
import { next } from './next.ts';
import { offer, wait } from './offers.ts';
import type { Pause } from './pause.ts';

const AFTER_STOP_MS = 1_000;

/** Brings a run as far as it goes: to its end (null) or to a decision. May be called again after any crash. */
export async function advance(context: Context, id: string): Promise<Pause | null> {
  try {
    for (;;) {
      // What is in hand ends; what comes next is for the process that comes next.
      if (context.stopping()) return { until: Date.now() + AFTER_STOP_MS };
      const ended = await turn(context, id);
      if (ended !== undefined) return ended;
    }
  } catch (error) {
    // What could not be written is written once there is room again; ending the run now would lose what it is about.
    if (mayPass(error)) throw error;
    end(context, id, error);
    return null;
  }
}

function endingOf({ withdrawn }: StoredRun, at: number): RunEnd {
  return { status: 'finished', at, ...(withdrawn === null ? {} : { problem: withdrawn }) };
}

/** Undefined: there is more to do at once. */
async function turn(context: Context, id: string): Promise<Pause | null | undefined> {
  const journal = context.store.journal(id);
  if (journal === undefined || journal.run.finishedAt !== null) return null;
  const todo = next(journal);
  switch (todo.do) {
    case 'finish':
      context.store.endRun(id, endingOf(journal.run, context.clock()));
      for (const key of context.lookedAt.keys()) if (key.startsWith(`${id} `)) context.lookedAt.delete(key);
      context.boundary('run-ended');
      return null;
    case 'look':
      context.store.markLooking(id);
      await look(context, journal.run, { number: todo.number, offers: todo.offers });
      return undefined;
    case 'offer':
      offer(context, todo.step);
      return undefined;
    default:
      return turnOfStep(context, { run: journal.run, row: todo.step, todo: todo.do });
  }
}

async function turnOfStep(
  context: Context,
  { run, row, todo }: { run: StoredRun; row: JournalStep; todo: 'wait' | 'apply' | 'probe' },
): Promise<Pause | undefined> {
  const step = await approvedStep(context, run, row);
  if (typeof step === 'string') {
    context.store.moveStep(row, voided(context, row, step));
    return undefined;
  }
  if (todo === 'wait') return wait(context, step, row);
  await (todo === 'probe' ? probe : apply)(context, step, row);
  return undefined;
}

/** The step exactly as it was shown, or a sentence that says why this version cannot honour it. */
async function approvedStep(context: Context, run: StoredRun, row: JournalStep): Promise<Step | string> {
  try {
    const { plan } = await context.looks.of(run, row.round);
    const step = stepsOf(plan)[row.index];
    if (step !== undefined && digestOfStep(step, row, context.buildVersion) === row.digest) return step;
    return 'The plan changed: this version or configuration of the bot is not the one that made it, so the approval is void.';
  } catch (error) {
    return `The plan changed: this version of the bot cannot rebuild it (${excerpt(messageOf(error))}), so the approval is void.`;
  }
}

function voided({ clock }: Context, row: JournalStep, why: string) {
  const about = { from: row.status, at: clock(), runStatus: 'applying' } as const;
  if (row.status !== 'started') return { ...about, to: 'refused', detail: `${why} Nothing was changed. Plan again.` } as const;
  const detail = `The bot stopped while it was making this change. ${why} A person must look whether it was made.`;
  return { ...about, to: 'unknown', detail } as const;
}

/** A run that has ended is neither applied nor probed any more, so its step must not read as if it were. */
function leaveToPerson(store: Context['store'], id: string, at: number): void {
  for (const step of store.journal(id)?.rounds.at(-1)?.steps ?? []) {
    if (step.status === 'started') {
      const detail = 'The bot itself failed while it made this change. A person must look whether it was made.';
      store.moveStep(step, { from: 'started', to: 'unknown', at, detail, runStatus: 'applying' });
    } else if (step.status === 'approved') {
      const detail = 'Not done: the bot itself failed before it began this change. Nothing was changed.';
      store.moveStep(step, { from: 'approved', to: 'refused', at, detail, runStatus: 'applying' });
    }
  }
}

function end({ store, clock, log, boundary }: Context, id: string, error: unknown): void {
  const at = clock();
  if (error instanceof Refusal) {
    store.endRun(id, { status: 'finished', at, problem: error.message });
  } else {
    log.error({ run: id, err: error }, 'a run is broken');
    leaveToPerson(store, id, at);
    const problem = `The bot itself failed, and stopped this run: ${excerpt(messageOf(error))} The whole error is in its log.`;
    store.endRun(id, { status: 'broken', at, problem });
  }
  boundary('run-ended');
}
