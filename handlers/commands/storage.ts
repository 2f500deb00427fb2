import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { control } from '../control.ts';
import { incidentsMessage } from '../incidents.ts';
import type { HandlerContext } from '../requests.ts';
import { lookingWords, readRequest, startRun } from '../requests.ts';

/** `/storage …`: acknowledges before anything else is done, then starts the run or does what was asked of all. */
export function storageCommand(context: HandlerContext): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ command, ack, respond }) => {
    const { text, channel_id: channel, user_id: id, user_name: name, trigger_id: trigger } = command;
    const request = readRequest(context, { text, channel });
    if (request.kind === 'control') {
      await ack();
      const { everybody, message } = await control(context, request.control, { actor: { id, name }, key: `command ${trigger}` });
      const type = everybody ? 'in_channel' : 'ephemeral';
      return void (await respond({
        response_type: type,
        replace_original: false,
        text: message.text,
        blocks: [...message.blocks],
      }));
    }
    if (request.kind === 'incidents') {
      await ack();
      const { text: says, blocks } = incidentsMessage(context, request);
      return void (await respond({ response_type: 'ephemeral', replace_original: false, text: says, blocks: [...blocks] }));
    }
    if (request.kind !== 'run') return ack({ response_type: 'ephemeral', text: request.says });
    await ack({ response_type: 'ephemeral', text: lookingWords(request) });
    const { runbook, arguments: words } = request;
    const origin = { kind: 'slack', channel } as const;
    const asked = { runbook: runbook.id, arguments: words, requester: { id, name }, origin, key: `command ${trigger}` };
    const refusal = await startRun(context, asked);
    if (refusal !== undefined) await respond({ response_type: 'ephemeral', replace_original: false, text: refusal });
  };
}
