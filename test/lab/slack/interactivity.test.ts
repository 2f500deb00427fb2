import type { App, BlockButtonAction } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { APPROVER, approvalBlocks, errorOf, OPERATOR, OPS, startingTestBots } from './testing.ts';

const start = startingTestBots();

describe('buttons', () => {
  it('tell the app who pressed what on which message, and it can change that message', async () => {
    const { slack, app } = await start((listening) => {
      listening.action<BlockButtonAction>('approve', async ({ ack, action, body, client }) => {
        await ack();
        const { channel, message, user } = body;
        const text = `${action.value} approved by <@${user.id}>`;
        await client.chat.update({ channel: channel?.id ?? '', ts: message?.ts ?? '', text, blocks: [] });
      });
    });
    const { ts = '' } = await app.client.chat.postMessage({ channel: OPS, text: 'decide', blocks: approvalBlocks('r7') });
    expect(await slack.press(APPROVER, ts, OPS, 'approve')).toMatchObject({ ok: true });
    const decided = await slack.waitFor(({ edits }) => edits === 1, 2_000);
    expect(slack.text(decided)).toBe('r7 approved by @Approver');
  });

  it('of an ephemeral message can replace it through the response_url', async () => {
    const { slack, app } = await start((listening) => {
      listening.action('deny', async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: 'denied' });
      });
    });
    const { message_ts: ts = '' } = await app.client.chat.postEphemeral({
      channel: OPS,
      user: OPERATOR,
      text: 'decide',
      blocks: approvalBlocks('r8'),
    });
    await slack.press(OPERATOR, ts, OPS, 'deny', 'r8');
    await slack.waitFor(({ text }) => text === 'denied', 2_000);
    expect(slack.ephemerals(OPS, OPERATOR)).toHaveLength(1);
  });
});

describe('modals', () => {
  const view = {
    type: 'modal' as const,
    callback_id: 'typed',
    title: { type: 'plain_text' as const, text: 'Really?' },
    submit: { type: 'plain_text' as const, text: 'Destroy' },
    blocks: [
      {
        type: 'input' as const,
        block_id: 'name',
        label: { type: 'plain_text' as const, text: 'Type the name' },
        element: { type: 'plain_text_input' as const, action_id: 'typed' },
      },
    ],
  };

  function listen(app: App): void {
    app.action<BlockButtonAction>('approve', async ({ ack, body, client }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view });
    });
    app.view('typed', async ({ ack, view: submitted, client, body }) => {
      const typed = submitted.state.values['name']?.['typed']?.value;
      if (typed !== 'immich') return ack({ response_action: 'errors', errors: { name: 'That is not its name.' } });
      await ack();
      await client.chat.postMessage({ channel: OPS, text: `${body.user.name} typed ${typed}` });
    });
  }

  it('open from a button, stay open with the errors of the app, and close when it accepts', async () => {
    const { slack, app } = await start(listen);
    const { ts = '' } = await app.client.chat.postMessage({ channel: OPS, text: 'decide', blocks: approvalBlocks('r9') });
    await slack.press(APPROVER, ts, OPS, 'approve');
    await expect.poll(() => slack.views(APPROVER).length).toBe(1);
    expect(await slack.submit(APPROVER, {})).toMatchObject({
      ok: false,
      errors: { name: 'Please complete this required field.' },
    });
    expect(await slack.submit(APPROVER, { typed: 'imich' })).toMatchObject({
      ok: false,
      errors: { name: 'That is not its name.' },
    });
    expect(slack.views(APPROVER)).toHaveLength(1);
    expect(await slack.submit(APPROVER, { name: 'immich' })).toMatchObject({ ok: true });
    await slack.waitFor(({ text }) => text === 'approver typed immich', 2_000);
    expect(slack.views(APPROVER)).toEqual([]);
  });

  it('cannot be opened twice with one trigger, nor with an invented one', async () => {
    const errors: string[] = [];
    const { slack } = await start((app) => {
      app.command('/storage', async ({ ack, body, client }) => {
        await ack();
        await client.views.open({ trigger_id: body.trigger_id, view });
        errors.push(await errorOf(client.views.open({ trigger_id: body.trigger_id, view })));
        errors.push(await errorOf(client.views.open({ trigger_id: 'invented', view })));
      });
    });
    await slack.command(OPERATOR, OPS, '/storage destroy');
    await expect.poll(() => errors).toEqual(['exchanged_trigger_id', 'invalid_trigger_id']);
  });

  it('have a sibling in the Home tab, published for one person', async () => {
    const { slack } = await start((app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } });
      });
    });
    await slack.openHome(OPERATOR);
    await expect.poll(() => slack.home(OPERATOR)?.blocks.length).toBe(1);
    expect(slack.home(APPROVER)).toBeUndefined();
  });
});

describe('files', () => {
  it('uploaded by files.uploadV2 are shown whole in the thread', async () => {
    const { slack, app } = await start(() => {});
    const { ts = '' } = await app.client.chat.postMessage({ channel: OPS, text: 'run' });
    const content = 'Ünïcode line\n'.repeat(2_000);
    await app.client.files.uploadV2({ channel_id: OPS, thread_ts: ts, filename: 'nfs.txt', content, initial_comment: 'the log' });
    const [, reply] = slack.messages(OPS, ts);
    expect(reply).toMatchObject({ text: 'the log', files: [{ name: 'nfs.txt', content }] });
    expect(reply && slack.text(reply)).toBe('the log\n[file nfs.txt, 30000 bytes]');
  });
});
