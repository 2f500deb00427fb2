import { messageOf, Refusal } from '../core/errors.ts';
import type { Answer, FollowUp, RunRequest } from '../core/ports.ts';
import type { Follows } from '../core/run.ts';
import type { StoredRun } from '../store/store.ts';
import type { Context } from './context.ts';
import { UNDO } from './undo.ts';

export type Start = (request: RunRequest & { readonly follows?: Follows }) => Promise<string>;

/** Starts a run that repeats or takes back another. Never rejects. */
export async function follow(context: Context, start: Start, request: FollowUp): Promise<Answer & { run?: string }> {
  const { run, how, actor, origin, key } = request;
  const original = context.store.run(run);
  if (original === undefined) return { accepted: false, says: `There is no run ${run}.` };
  if (original.finishedAt === null)
    return { accepted: false, says: 'That run is still going on. Wait for its end, or cancel it.' };
  try {
    const id = await start({
      ...whatOf(original, how),
      requester: actor,
      origin,
      follows: { run, how },
      ...(key === undefined ? {} : { key }),
    });
    return { accepted: true, says: how === 'again' ? 'Looking again.' : 'Looking at what can be taken back.', run: id };
  } catch (error) {
    if (error instanceof Refusal) return { accepted: false, says: error.message };
    context.log.error({ run, err: error }, 'a run that follows another could not be started');
    return { accepted: false, says: `It could not be started: ${messageOf(error)}` };
  }
}

/** Throws a Refusal while another run does the same. */
export function requireOnlyOne({ store }: Context, { run, how }: Follows): void {
  const open = store.followers(run, how).find((id) => store.run(id)?.finishedAt === null);
  if (open !== undefined) throw new Refusal('stale', `That is being done already: see run ${open}.`);
}

function whatOf(original: StoredRun, how: Follows['how']): Pick<RunRequest, 'runbook' | 'arguments'> {
  return how === 'again'
    ? { runbook: original.runbook, arguments: original.arguments }
    : { runbook: UNDO, arguments: [original.id] };
}
