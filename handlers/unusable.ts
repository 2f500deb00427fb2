import type { App } from '@slack/bolt';
import { answerMessage } from '../src/slack/answer.ts';
import type { Channels } from './requests.ts';
import { isAllowed } from './requests.ts';
import { WRONG_CHANNEL } from './words.ts';

export interface Unusable extends Channels {
  /** Why nothing can be done, and what to do about that. */
  readonly says: string;
}

/** Every command, mention, button and window gets the same answer, whatever it asks for; nothing is done. */
export function registerRefusals(app: App, { says, ...channels }: Unusable): void {
  const answerIn = (channel: string | undefined) => {
    const { text, blocks } = answerMessage(isAllowed(channels, channel) ? says : WRONG_CHANNEL);
    return { text, blocks: [...blocks] };
  };
  app.command(/.*/, async ({ command, ack }) => ack({ response_type: 'ephemeral', ...answerIn(command.channel_id) }));
  app.event('app_mention', async ({ event: { channel, user, thread_ts: thread }, client }) => {
    const inThread = thread === undefined ? {} : { thread_ts: thread };
    if (user !== undefined) await client.chat.postEphemeral({ channel, user, ...answerIn(channel), ...inThread });
  });
  app.action({ type: 'block_actions', action_id: /.*/ }, async ({ body, ack, respond }) => {
    await ack();
    await respond({ response_type: 'ephemeral', replace_original: false, ...answerIn(body.channel?.id) });
  });
  app.view(/.*/, async ({ ack }) => {
    // The window was opened before the bot was restarted, in a channel that was allowed then.
    const { blocks } = answerMessage(says);
    const title = { type: 'plain_text', text: 'Nothing was done' } as const;
    await ack({ response_action: 'update', view: { type: 'modal', title, blocks: [...blocks] } });
  });
}
