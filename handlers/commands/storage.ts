import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { HandlerContext } from '../requests.ts';
import { lookingWords, readRequest, startRun } from '../requests.ts';

/** `/storage …`: acknowledges before anything else is done, then starts the run. */
export function storageCommand(context: HandlerContext): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ command, ack, respond }) => {
    const { text, channel_id: channel, user_id: id, user_name: name } = command;
    const request = readRequest(context, { text, channel });
    if (request.kind !== 'run') return ack({ response_type: 'ephemeral', text: request.says });
    await ack({ response_type: 'ephemeral', text: lookingWords(request) });
    const { runbook, arguments: words } = request;
    const origin = { kind: 'slack', channel } as const;
    const refusal = await startRun(context, { runbook: runbook.id, arguments: words, requester: { id, name }, origin });
    if (refusal !== undefined) await respond({ response_type: 'ephemeral', replace_original: false, text: refusal });
  };
}
