import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import { z } from 'zod';
import type { HandlerContext } from '../requests.ts';

/** What another app wrote: people's messages are none of ours. */
const FromApp = z.object({
  channel: z.string(),
  subtype: z.enum(['bot_message']).optional(),
  bot_id: z.string(),
  text: z.string().default(''),
  attachments: z.array(z.object({ title: z.string().default(''), title_link: z.string().default('') })).default([]),
});

/** A message in a channel that is watched for those of Alertmanager's own Slack receiver. */
export function channelMessage({ watch, log }: HandlerContext): Middleware<SlackEventMiddlewareArgs<'message'>> {
  return async ({ event }) => {
    const message = FromApp.safeParse(event);
    if (!message.success || watch === undefined || !watch.channels.includes(message.data.channel)) return;
    const { channel, text, attachments } = message.data;
    const titles = attachments.map(({ title, title_link: link }) => ({ title, link }));
    if (watch.heard({ text, attachments: titles })) log.info({ channel }, 'a message told of alerts');
  };
}
