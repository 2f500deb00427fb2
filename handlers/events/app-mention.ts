import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import { withoutMention } from '../parse.ts';
import type { HandlerContext } from '../requests.ts';
import { lookingWords, readRequest, startRun } from '../requests.ts';

/** `@storagebot diagnose nfs immich`: in a thread it answers there, else it opens one. */
export function appMention(context: HandlerContext): Middleware<SlackEventMiddlewareArgs<'app_mention'>> {
  return async ({ event, client }) => {
    const { channel, user, thread_ts: thread } = event;
    if (user === undefined) return;
    const inThread = thread === undefined ? {} : { thread_ts: thread };
    const tell = (text: string) => client.chat.postEphemeral({ channel, user, text, ...inThread });
    const request = readRequest(context, { text: withoutMention(event.text), channel });
    if (request.kind !== 'run') return void (await tell(request.says));
    const { runbook, arguments: words } = request;
    const origin = { kind: 'slack', channel, ...(thread === undefined ? {} : { thread }) } as const;
    const refusal = await startRun(context, {
      runbook: runbook.id,
      arguments: words,
      requester: { id: user, name: user },
      origin,
    });
    await tell(refusal ?? lookingWords(request));
  };
}
