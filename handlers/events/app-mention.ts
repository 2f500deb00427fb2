import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import { control } from '../control.ts';
import { incidentsMessage } from '../incidents.ts';
import { withoutMention } from '../parse.ts';
import type { HandlerContext } from '../requests.ts';
import { lookingWords, readRequest, startRun } from '../requests.ts';

/** `@storagebot diagnose nfs immich`: in a thread it answers there, else it opens one. */
export function appMention(context: HandlerContext): Middleware<SlackEventMiddlewareArgs<'app_mention'>> {
  return async ({ event, client }) => {
    const { channel, user, ts, thread_ts: thread } = event;
    if (user === undefined) return;
    const inThread = thread === undefined ? {} : { thread_ts: thread };
    const requester = { id: user, name: user };
    const key = `mention ${channel} ${ts}`;
    const tell = (text: string) => client.chat.postEphemeral({ channel, user, text, ...inThread });
    const request = readRequest(context, { text: withoutMention(event.text), channel });
    if (request.kind === 'control') {
      const { everybody, message } = await control(context, request.control, { actor: requester, key });
      const said = { channel, text: message.text, blocks: [...message.blocks], ...inThread };
      return void (await (everybody ? client.chat.postMessage(said) : client.chat.postEphemeral({ ...said, user })));
    }
    if (request.kind === 'incidents') {
      const { text, blocks } = incidentsMessage(context, request);
      return void (await client.chat.postEphemeral({ channel, user, text, blocks: [...blocks], ...inThread }));
    }
    if (request.kind !== 'run') return void (await tell(request.says));
    const { runbook, arguments: words } = request;
    const origin = { kind: 'slack', channel, ...(thread === undefined ? {} : { thread }) } as const;
    const asked = { runbook: runbook.id, arguments: words, requester, origin, key };
    const refusal = await startRun(context, asked);
    await tell(refusal ?? lookingWords(request));
  };
}
