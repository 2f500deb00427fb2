import { messageOf } from '../core/errors.ts';
import type { Outcome } from '../core/output.ts';
import { isFailure } from '../core/output.ts';
import type { Step } from '../core/plan.ts';
import { readerOver } from '../core/reading.ts';
import type { JournalStep } from '../store/store.ts';
import { ask, poll } from './checking.ts';
import type { Context } from './context.ts';
import { sentence } from './excerpt.ts';
import type { Ending, Sent } from './outcome.ts';
import { endingOf, sentOf } from './outcome.ts';

/** Makes an approved change: looks again, writes that it starts, sends it once, verifies, writes the outcome. */
export async function apply(context: Context, step: Step, row: JournalStep): Promise<void> {
  const { store, clock, boundary } = context;
  if (hasExpired(context, row)) return expire(context, row);
  const objection = await objectionTo(context, step);
  boundary('before-checked');
  if (objection !== undefined) {
    store.moveStep(row, { from: 'approved', to: 'refused', at: clock(), detail: objection, runStatus: 'applying' });
    return;
  }
  // Once more: looking at a slow target takes time.
  if (hasExpired(context, row)) return expire(context, row);
  // Only who moves the step to started may send the change: this is what makes it happen at most once.
  if (!store.moveStep(row, { from: 'approved', to: 'started', at: clock(), runStatus: 'applying' })) return;
  boundary('started-written');
  const outcome = await send(context, step);
  boundary('change-answered');
  conclude(context, row, { ending: await verified(context, step, sentOf(outcome)), outcome });
}

/** A step that had started before a restart: looks whether it is done, and never sends it again. */
export async function probe(context: Context, step: Step, row: JournalStep): Promise<void> {
  conclude(context, row, { ending: await verified(context, step, { kind: 'restart' }) });
}

/** Ends the offer of a step that was not started. */
export function expire({ store, clock }: Context, row: JournalStep): void {
  const detail =
    row.status === 'approved'
      ? 'It was approved, but the offer ended before the bot could make the change. Nothing was changed.'
      : 'Nobody decided in time. Nothing was changed.';
  store.moveStep(row, { from: row.status, to: 'expired', at: clock(), detail, runStatus: 'applying' });
}

function hasExpired({ clock }: Context, { expiresAt }: JournalStep): boolean {
  return clock() >= (expiresAt ?? 0);
}

async function objectionTo({ targets }: Context, step: Step): Promise<string | undefined> {
  const reader = readerOver(targets.read);
  const answers = await Promise.all(step.before.map(async (check) => ({ check, ...(await ask(check, reader)) })));
  const objection = answers.find(({ answer }) => answer !== 'yes');
  if (objection === undefined) return undefined;
  const { check, answer, seen } = objection;
  return answer === 'no'
    ? `Not done, because it no longer holds that ${sentence(check.says)} Seen: ${sentence(seen)}`
    : `Not done, because the bot could not look whether ${sentence(check.says)} ${sentence(seen)}`;
}

async function send({ targets }: Context, step: Step): Promise<Outcome> {
  try {
    return await targets.change(step.change.command);
  } catch (error) {
    return { failed: 'cut', says: messageOf(error), toDo: 'Look at the target by hand.' };
  }
}

async function verified({ targets, boundary }: Context, { after }: Step, sent: Sent): Promise<Ending> {
  if (sent.kind === 'never') return { status: 'failed', detail: `The command did not reach its target. ${sent.says}` };
  const once = sent.kind === 'ended' && sent.exitCode !== 0;
  const answer = once ? await ask(after, readerOver(targets.read)) : await poll(after, targets.read);
  boundary('after-checked');
  return endingOf(sent, after.says, answer);
}

function conclude(context: Context, row: JournalStep, found: { ending: Ending; outcome?: Outcome }): void {
  const {
    ending: { status, detail },
    outcome,
  } = found;
  const output = outcome === undefined || isFailure(outcome) ? {} : { output: outcome };
  context.store.moveStep(row, { from: 'started', to: status, at: context.clock(), detail, ...output, runStatus: 'applying' });
  context.boundary('outcome-written');
}
