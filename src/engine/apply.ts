import { show } from '../core/command.ts';
import { messageOf } from '../core/errors.ts';
import type { Outcome } from '../core/output.ts';
import { isFailure } from '../core/output.ts';
import type { Step } from '../core/plan.ts';
import { readerOver } from '../core/reading.ts';
import type { Begun, JournalStep } from '../store/store.ts';
import { ask, poll } from './checking.ts';
import type { Context } from './context.ts';
import { sentence } from './excerpt.ts';
import { expire } from './offers.ts';
import type { Ending, Sent } from './outcome.ts';
import { endingOf, sentOf } from './outcome.ts';
import { watch } from './work.ts';

/** Makes an approved change: looks again, writes that it starts, sends it once, verifies, writes the outcome. */
export async function apply(context: Context, step: Step, row: JournalStep): Promise<void> {
  const objection = obstacle(context) ?? (await objectionTo(context, step));
  context.boundary('before-checked');
  // Once more: looking at a slow target takes time, in which somebody may have frozen the bot.
  const refusal = objection ?? obstacle(context);
  if (refusal !== undefined) return refuse(context, row, refusal);
  const begun = context.store.begin(row, { at: context.clock(), command: show(step.change.command) });
  if (begun !== 'begun') return notBegun(context, row, begun);
  context.boundary('started-written');
  const outcome = await send(context, step);
  context.boundary('change-answered');
  await conclude(context, { step, row }, { sent: sentOf(outcome), outcome });
}

/** A step that had started before a restart: looks whether it is done, and never sends it again. */
export async function probe(context: Context, step: Step, row: JournalStep): Promise<void> {
  await conclude(context, { step, row }, { sent: { kind: 'restart' } });
}

function obstacle({ obstacles }: Context): string | undefined {
  const [first] = obstacles();
  return first === undefined ? undefined : `Not done. ${first}`;
}

function refuse({ store, clock }: Context, row: JournalStep, detail: string): void {
  store.moveStep(row, { from: 'approved', to: 'refused', at: clock(), detail, runStatus: 'applying' });
}

function notBegun(context: Context, row: JournalStep, why: Exclude<Begun, 'begun'>): void {
  if (why === 'expired') expire(context, row);
  if (why === 'not-held') refuse(context, row, 'Not done: another run took over what this plan needs. Nothing was changed.');
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

interface Place {
  readonly step: Step;
  readonly row: JournalStep;
}

/** Undefined ending: the bot is being stopped, and the next process looks after the work. */
async function conclude(context: Context, place: Place, { sent, outcome }: { sent: Sent; outcome?: Outcome }): Promise<void> {
  const ending = await verified(context, place, sent);
  if (ending === undefined) return;
  const { status, detail } = ending;
  const output = outcome === undefined || isFailure(outcome) ? {} : { output: outcome };
  const move = { from: 'started', to: status, at: context.clock(), detail, ...output, runStatus: 'applying' } as const;
  context.store.moveStep(place.row, move);
  context.boundary('outcome-written');
}

async function verified(context: Context, { step, row }: Place, sent: Sent): Promise<Ending | undefined> {
  if (sent.kind === 'never') return { status: 'failed', detail: `The command did not reach its target. ${sent.says}` };
  const { after, work } = step;
  const once = sent.kind === 'ended' && sent.exitCode !== 0;
  // Work of that name that was there before is not ours to follow.
  if (work !== undefined && !once) return watch(context, { ...step, work }, { row, sent });
  const answer = once ? await ask(after, readerOver(context.targets.read)) : await poll(after, context.targets.read);
  context.boundary('after-checked');
  return endingOf(sent, after.says, answer);
}
