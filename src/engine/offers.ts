import type { Step } from '../core/plan.ts';
import { readerOver } from '../core/reading.ts';
import type { JournalStep } from '../store/store.ts';
import { ask } from './checking.ts';
import type { Context } from './context.ts';
import { sentence } from './excerpt.ts';
import type { Pause } from './pause.ts';

/** Puts a step before people, for as long as the policy says. */
export function offer({ store, clock, policy, boundary }: Context, row: JournalStep): void {
  store.offer(row, clock() + policy.expiresAfterMs);
  boundary('offered');
}

/** Ends an offer whose time is up or whose state is gone, reminds people before that, and else says when to look again. */
export async function wait(context: Context, step: Step, row: JournalStep): Promise<Pause | undefined> {
  const { store, clock, policy, boundary } = context;
  const now = clock();
  const expiresAt = row.expiresAt ?? 0;
  if (now >= expiresAt) {
    expire(context, row);
    return undefined;
  }
  const remindAt = policy.warnBeforeMs === 0 || row.warnedAt !== null ? Infinity : expiresAt - policy.warnBeforeMs;
  if (now >= remindAt) {
    store.remind(row, now);
    boundary('reminded');
    return undefined;
  }
  const looked = lookedAt(context, row);
  // A clock that was set back must not put the next look off.
  const lookAgainAt = looked > now ? now : looked + context.recheckMs;
  if (now >= lookAgainAt) return recheck(context, step, row);
  boundary('pausing');
  return { until: Date.now() + Math.min(expiresAt, remindAt, lookAgainAt) - now };
}

/** Ends the offer of a step that was not started. */
export function expire({ store, clock }: Context, row: JournalStep): void {
  const detail =
    row.status === 'approved'
      ? 'It was approved, but the offer ended before the bot could make the change. Nothing was changed.'
      : 'Nobody decided in time. Nothing was changed.';
  store.moveStep(row, { from: row.status, to: 'expired', at: clock(), detail, runStatus: 'applying' });
}

/** An offer that could not be looked at stays: whoever approves it is told then. */
async function recheck(context: Context, step: Step, row: JournalStep): Promise<undefined> {
  const { store, clock, lookedAt: looked, targets } = context;
  looked.set(keyOf(row), clock());
  const reader = readerOver(targets.read);
  const answers = await Promise.all(step.before.map(async (check) => ({ check, ...(await ask(check, reader)) })));
  const gone = answers.find(({ answer }) => answer === 'no');
  if (gone === undefined) return;
  const detail = `Withdrawn, because it no longer holds that ${sentence(gone.check.says)} Seen: ${sentence(gone.seen)}`;
  store.moveStep(row, { from: 'waiting', to: 'withdrawn', at: clock(), detail, runStatus: 'applying' });
}

function lookedAt({ lookedAt: looked, clock }: Context, row: JournalStep): number {
  const key = keyOf(row);
  const at = looked.get(key) ?? clock();
  looked.set(key, at);
  return at;
}

function keyOf({ run, round, index }: JournalStep): string {
  return `${run} ${round} ${index}`;
}
