import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { DecisionRequest } from '../../src/core/ports.ts';
import { escaped } from '../../src/slack/blocks.ts';
import { decodeDecision } from '../../src/slack/decision-value.ts';
import type { HandlerContext } from '../requests.ts';
import { isAllowed } from '../requests.ts';
import { WRONG_CHANNEL } from '../words.ts';

const FOREIGN_BUTTON = 'I do not know this button. Use the latest message of the run.';

/** A press of Approve or Deny: acknowledged first, decided by the engine, answered to the person who pressed. */
export function decideAction(
  context: HandlerContext,
  verdict: DecisionRequest['verdict'],
): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ action, body, ack, respond }) => {
    await ack();
    const text = await decide(context, { value: action.value ?? '', channel: body.channel?.id, user: body.user, verdict });
    const thread = threadOf(body.message);
    await respond({
      response_type: 'ephemeral',
      replace_original: false,
      text,
      ...(thread === undefined ? {} : { thread_ts: thread }),
    });
  };
}

interface Press {
  readonly value: string;
  readonly channel: string | undefined;
  readonly user: BlockAction['user'];
  readonly verdict: DecisionRequest['verdict'];
}

async function decide(context: HandlerContext, { value, channel, user, verdict }: Press): Promise<string> {
  if (!isAllowed(context, channel)) return WRONG_CHANNEL;
  const target = decodeDecision(value);
  if (target === undefined) return FOREIGN_BUTTON;
  const actor = { id: user.id, name: user.name ?? user.username };
  const { accepted, says } = await context.engine.decide({ ...target, actor, verdict });
  context.log.info({ ...target, actor: actor.id, verdict, accepted }, 'a decision was pressed');
  return escaped(says);
}

/** The thread of the message that holds the button. */
function threadOf(message: BlockAction['message']): string | undefined {
  const thread: unknown = message?.['thread_ts'];
  return typeof thread === 'string' ? thread : undefined;
}
