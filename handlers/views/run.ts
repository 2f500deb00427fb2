import type { Answer, RunAction } from '../../src/core/ports.ts';
import { decodeRunTarget } from '../../src/slack/connection/decode-target.ts';
import type { RunModalTarget } from '../../src/slack/modal-target.ts';
import { REASON } from '../../src/slack/modals.ts';
import { hasEnded } from '../../src/slack/words.ts';
import type { Submission, SubmissionListener } from '../interaction.ts';
import { onSubmission } from '../interaction.ts';
import { reasonFrom } from '../reason.ts';
import type { HandlerContext } from '../requests.ts';

export function cancelSubmission(context: HandlerContext): SubmissionListener {
  return onRunAction(context, 'cancel', (action) => context.engine.cancel(action));
}

export function takeOverSubmission(context: HandlerContext): SubmissionListener {
  return onRunAction(context, 'take-over', (action) => context.engine.takeOver(action));
}

function onRunAction(
  context: HandlerContext,
  what: 'cancel' | 'take-over',
  act: (action: RunAction) => Promise<Answer>,
): SubmissionListener {
  const reply = async ({ target: { run }, typed, actor, key }: Submission<RunModalTarget>) => {
    const { accepted, says } = await act({ run, actor, reason: reasonFrom(typed), key });
    context.log.info({ run, what, actor: actor.id, accepted }, 'a run was acted on');
    const view = accepted ? undefined : await context.engine.view(run);
    return { says, correctable: view !== undefined && !hasEnded(view) };
  };
  return onSubmission(context, { field: REASON, decode: decodeRunTarget, reply });
}
