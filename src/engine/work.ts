import { setTimeout as sleep } from 'node:timers/promises';
import { show } from '../core/command.ts';
import { messageOf } from '../core/errors.ts';
import type { Step, Verification, Work, WorkState } from '../core/plan.ts';
import { within } from '../core/plan.ts';
import { readerOver } from '../core/reading.ts';
import type { JournalStep } from '../store/store.ts';
import { poll } from './checking.ts';
import type { Context } from './context.ts';
import { excerpt, sentence } from './excerpt.ts';
import type { Ending, Sent } from './outcome.ts';
import { endingOf } from './outcome.ts';

export interface Watched {
  readonly row: JournalStep;
  readonly sent: Exclude<Sent, { kind: 'never' }>;
}

type WorkStep = Step & { readonly work: Work };

const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 5_000;
const VERIFY_WITHIN_MS = 30_000;
/** Work that was just ordered may take this long to be seen; less is left of that once a bot has been started again. */
const APPEARS_WITHIN_MS = { ended: 10_000, lost: 10_000, restart: 3_000 } as const;

/** Follows work at its target to its end or its deadline. Undefined: the bot is being stopped, and the work goes on. */
export async function watch(context: Context, step: WorkStep, { row, sent }: Watched): Promise<Ending | undefined> {
  const began = performance.now();
  let asked = false;
  let seen = false;
  for (let delayMs = FIRST_DELAY_MS; !context.stopping(); delayMs = Math.min(delayMs * 2, LAST_DELAY_MS)) {
    const state = await stateOf(context, step.work);
    const waitedMs = performance.now() - began;
    seen ||= state !== undefined && state.is !== 'absent';
    const ending = await endingIn(context, step, { row, state, sent, waitedMs, stopped: asked && seen });
    if (ending !== undefined) return ending;
    if (state?.is === 'running') showProgress(context, row, state.progress);
    // What has not appeared yet cannot be stopped, and may still appear.
    if (!asked && state?.is !== 'absent' && mustStop(context, row)) {
      asked = true;
      await stop(context, step.work, row);
    }
    await sleep(Math.min(delayMs, Math.max(step.after.withinMs - waitedMs, 50)));
  }
  return undefined;
}

interface Situation {
  readonly row: JournalStep;
  /** Undefined: could not look. */
  readonly state: WorkState | undefined;
  readonly sent: Watched['sent'];
  readonly waitedMs: number;
  /** Whether the work was there, and the bot asked the target to stop it. */
  readonly stopped: boolean;
}

async function endingIn(context: Context, step: WorkStep, situation: Situation): Promise<Ending | undefined> {
  const { state, sent, waitedMs, stopped } = situation;
  const { work, after } = step;
  switch (state?.is) {
    case 'succeeded':
      return verifyEnd(context, within(VERIFY_WITHIN_MS, after), sent);
    case 'failed':
      return {
        status: 'failed',
        detail: `${stopped ? 'Stopped because the run was cancelled' : 'It failed'}: ${sentence(state.says)}`,
      };
    case 'absent':
      return waitedMs < APPEARS_WITHIN_MS[sent.kind] && !stopped ? undefined : absent(context, step, situation);
    default:
      return waitedMs < after.withinMs ? undefined : overdue(work, state);
  }
}

async function verifyEnd(context: Context, after: Verification, sent: Watched['sent']): Promise<Ending> {
  const answer = await poll(after, context.targets.read);
  context.boundary('after-checked');
  return endingOf(sent, after.says, answer);
}

async function absent(context: Context, { work, after }: WorkStep, { row, sent, stopped }: Situation): Promise<Ending> {
  const { name, outlivesTarget } = work;
  if (stopped) return stoppedOrDone(context, after, `Stopped because the run was cancelled: ${name} is not there any more.`);
  // The bot may have asked it to stop before the restart, and the journal does not tell.
  if (sent.kind === 'restart' && outlivesTarget && isCancelled(context, row))
    return stoppedOrDone(context, after, `${name} is not there: it was stopped because the run was cancelled, or never started.`);
  if (sent.kind === 'restart' && outlivesTarget && row.progress === null)
    return stoppedOrDone(context, after, `Not made: ${name} was never started. It was not sent again.`);
  const ending = await verifyEnd(context, within(VERIFY_WITHIN_MS, after), sent);
  if (ending.status === 'done') return ending;
  const detail = `${name} is not there, and nothing tells whether it ran. ${ending.detail} A person must look.`;
  return { status: 'unknown', detail };
}

/** It may have come to its end just before it was asked to stop. */
async function stoppedOrDone(context: Context, after: Verification, detail: string): Promise<Ending> {
  const ending = await verifyEnd(context, within(0, after), { kind: 'ended', exitCode: 0, printed: '' });
  if (ending.status === 'done') return ending;
  return ending.status === 'failed' ? { ...ending, detail } : { ...ending, detail: `${detail} ${ending.detail}` };
}

function overdue({ name }: Work, state: WorkState | undefined): Ending {
  const seen = state === undefined ? 'the bot cannot look how far it is' : 'it is still running';
  return { status: 'unknown', detail: `Its time is up and ${seen}: ${name} goes on without the bot. A person must look.` };
}

/** What a Job or a unit cannot say of itself is asked besides; where that cannot be seen, its own state stands. */
async function stateOf({ targets }: Context, { state, progress, lastWords }: Work): Promise<WorkState | undefined> {
  const read = readerOver(targets.read);
  const seen = await read(state);
  if (!seen.known) return undefined;
  const { value } = seen;
  if (value.is === 'running' && progress !== undefined) {
    const far = await read(progress);
    const parts = [value.progress, far.known ? far.value : undefined].filter((part) => part !== undefined && part !== '');
    return parts.length === 0 ? value : { is: 'running', progress: parts.join('; ') };
  }
  if (value.is !== 'failed' || lastWords === undefined) return value;
  const words = await read(lastWords);
  return words.known && words.value !== '' ? { is: 'failed', says: `${sentence(value.says)} It wrote: ${words.value}` } : value;
}

function showProgress({ store }: Context, row: JournalStep, progress: string | undefined): void {
  if (progress === undefined) return;
  const now = store.journal(row.run)?.rounds.find(({ number }) => number === row.round)?.steps[row.index];
  if (now !== undefined && now.progress !== excerpt(progress)) store.setProgress(row, excerpt(progress));
}

/** While the bot is frozen nothing is sent, not even a stop. */
function mustStop(context: Context, row: JournalStep): boolean {
  return isCancelled(context, row) && context.killSwitch.state() === undefined;
}

function isCancelled({ store }: Context, { run }: JournalStep): boolean {
  return (store.run(run)?.cancelled ?? null) !== null;
}

/** Stopping twice does no harm, and whether it worked is seen in the state. */
async function stop({ store, targets, log, boundary }: Context, work: Work, row: JournalStep): Promise<void> {
  const { run, round, index } = row;
  store.note({ kind: 'stop-asked', run, round, step: index, command: show(work.stop.command) });
  try {
    await targets.change(work.stop.command);
  } catch (error) {
    log.warn({ work: work.name, reason: messageOf(error) }, 'work could not be asked to stop');
  }
  boundary('stop-sent');
}
