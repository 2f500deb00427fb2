import type { WebClient } from '@slack/web-api';
import { WebClient as NewWebClient, WebAPIRateLimitedError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import type { TestBot } from './testing.ts';
import { APPROVER, approvalBlocks, errorOf, OPERATOR, OPS, startingTestBots } from './testing.ts';

const start = startingTestBots();

describe('slash commands', () => {
  it('carry user, channel and text to the app and show its acknowledgement to the person only', async () => {
    const { slack } = await start((app) => {
      app.command('/storage', async ({ ack, command }) =>
        ack(`<@${command.user_id}> in ${command.channel_name}: ${command.text}`),
      );
    });
    const answer = await slack.command(OPERATOR, 'storage-ops', '/storage diagnose nfs a&b');
    expect(answer).toMatchObject({ ok: true });
    expect(answer.ackMs).toBeLessThan(3_000);
    const [shown] = slack.ephemerals(OPS, OPERATOR);
    expect(shown && slack.text(shown)).toBe('@Operator in storage-ops: diagnose nfs a&b');
    expect(slack.messages(OPS)).toEqual([]);
    expect(slack.ephemerals(OPS, APPROVER)).toEqual([]);
  });

  it('fail with operation_timeout when nobody acknowledges, and the person reads so', async () => {
    const { slack } = await start((app) => app.command('/storage', async () => {}), { ackTimeoutMs: 100 });
    expect(await slack.command(OPERATOR, OPS, '/storage help')).toMatchObject({ ok: false, error: 'operation_timeout' });
    expect(slack.ephemerals(OPS, OPERATOR).map((message) => message.text)).toEqual([
      '/storage failed with the error "operation_timeout"',
    ]);
  });

  it('fail with dispatch_failed when the app has no socket', async () => {
    const { slack } = await start((app) => app.command('/storage', async ({ ack }) => ack()));
    slack.cut('all');
    expect(await slack.command(OPERATOR, OPS, '/storage help')).toMatchObject({ ok: false, error: 'dispatch_failed' });
  });

  it('that no app has are refused without asking the app', async () => {
    const { slack } = await start(() => {});
    expect(await slack.command(OPERATOR, OPS, '/nothing')).toMatchObject({ ok: false, error: 'unknown_command' });
  });

  it('answer again through the response_url, five times and no more', async () => {
    const { slack } = await start((app) => {
      app.command('/storage', async ({ ack, respond }) => {
        await ack();
        for (let time = 1; time <= 5; time += 1) await respond({ text: `answer ${time}`, response_type: 'in_channel' });
        await respond('one too many').catch(async (error: Error) =>
          app.client.chat.postMessage({ channel: OPS, text: error.message }),
        );
      });
    });
    await slack.command(OPERATOR, OPS, '/storage help');
    await slack.waitFor(({ text }) => text.includes('Failed to respond'), 2_000);
    expect(slack.messages(OPS).map(({ text }) => text)).toHaveLength(6);
    expect(slack.messages(OPS).at(-1)?.text).toContain('404');
  });
});

describe('messages', () => {
  it('are posted, updated in place and answered in a thread, with growing timestamps', async () => {
    const { slack, app } = await start(() => {});
    const root = await app.client.chat.postMessage({ channel: OPS, text: 'looking', blocks: approvalBlocks('r1') });
    const first = await app.client.chat.postMessage({ channel: OPS, thread_ts: String(root.ts), text: 'step 1' });
    await app.client.chat.postMessage({ channel: OPS, thread_ts: String(first.ts), text: 'step 2' });
    await app.client.chat.update({ channel: OPS, ts: String(root.ts), text: 'done', blocks: [] });
    const [updated, ...others] = slack.messages(OPS);
    expect(others).toEqual([]);
    expect(updated).toMatchObject({ text: 'done', edits: 1, replyCount: 2 });
    const thread = slack.messages(OPS, root.ts).map(({ text, ts }) => ({ text, ts: Number(ts) }));
    expect(thread.map(({ text }) => text)).toEqual(['done', 'step 1', 'step 2']);
    expect(thread.map(({ ts }) => ts)).toEqual(thread.map(({ ts }) => ts).sort((a, b) => a - b));
    const replies = await app.client.conversations.replies({ channel: OPS, ts: String(root.ts) });
    expect(replies.messages?.map(({ text }) => text)).toEqual(['done', 'step 1', 'step 2']);
    const history = await app.client.conversations.history({ channel: OPS });
    expect(history.messages).toMatchObject([{ text: 'done', reply_count: 2 }]);
  });

  it('are refused with the pointer to what is wrong in their blocks', async () => {
    const { slack, app } = await start(() => {});
    const long = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } };
    const call = app.client.chat.postMessage({ channel: OPS, text: 'x', blocks: [long] });
    await expect(call).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'] },
      },
    });
    const many = Array.from({ length: 5 }, () => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(2_900) } }));
    expect(await errorOf(app.client.chat.postMessage({ channel: OPS, text: 'x', blocks: many }))).toBe('msg_blocks_too_long');
    expect(slack.messages(OPS)).toEqual([]);
  });

  it('fail with the words of Slack', async () => {
    const { slack, app } = await start(() => {});
    const said = await slack.say(OPERATOR, OPS, 'hello');
    const { chat, users } = app.client;
    expect(await errorOf(chat.postMessage({ channel: 'C404', text: 'x' }))).toBe('channel_not_found');
    expect(await errorOf(chat.postMessage({ channel: OPS, text: 'x', thread_ts: '1.1' }))).toBe('thread_not_found');
    expect(await errorOf(chat.update({ channel: OPS, ts: '1.1', text: 'x' }))).toBe('message_not_found');
    expect(await errorOf(chat.update({ channel: OPS, ts: said.ts, text: 'x' }))).toBe('cant_update_message');
    expect(await errorOf(chat.postMessage({ channel: OPS, text: '' }))).toBe('no_text');
    expect(await errorOf(users.info({ user: 'U404' }))).toBe('user_not_found');
    expect(await errorOf(app.client.apiCall('chat.shout'))).toBe('unknown_method');
    expect(await errorOf(new NewWebClient('xoxb-wrong', { slackApiUrl: slack.apiUrl }).auth.test())).toBe('invalid_auth');
    expect(await errorOf(new NewWebClient(slack.appToken, { slackApiUrl: slack.apiUrl }).auth.test())).toBe(
      'not_allowed_token_type',
    );
  });

  it('accept a JSON body as well as a form', async () => {
    const { slack } = await start(() => {});
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: OPS, blocks: [{ type: 'divider' }] }),
    });
    expect(await response.json()).toMatchObject({ ok: true, channel: OPS });
  });

  it('to a person go into the direct conversation, and what the person says there reaches the app', async () => {
    const { slack, app } = await start((listening) => listening.message(async ({ say }) => void (await say('heard you'))));
    const sent = await app.client.chat.postMessage({ channel: APPROVER, text: 'please decide' });
    await slack.say(APPROVER, String(sent.channel), 'yes');
    await slack.waitFor(({ text }) => text === 'heard you', 2_000);
    expect(slack.messages(String(sent.channel)).map(({ text }) => text)).toEqual(['please decide', 'yes', 'heard you']);
  });

  it('that mention the app reach it as app_mention, also inside a thread', async () => {
    const { slack } = await start((app) => {
      app.event(
        'app_mention',
        async ({ event, say }) => void (await say({ text: 'here', thread_ts: event.thread_ts ?? event.ts })),
      );
    });
    const root = await slack.say(OPERATOR, OPS, '@storagebot what about this?');
    await slack.waitFor(({ threadTs }) => threadTs === root.ts, 2_000);
    await slack.say(OPERATOR, OPS, '@storagebot and this?', root.ts);
    await slack.waitFor(({ replyCount }) => replyCount === 3, 2_000);
    expect(slack.messages(OPS)).toHaveLength(1);
  });
});

describe('what goes wrong at Slack', () => {
  function impatient({ slack }: TestBot): WebClient {
    return new NewWebClient(slack.botToken, {
      slackApiUrl: slack.apiUrl,
      rejectRateLimitedCalls: true,
      retryConfig: { retries: 0 },
    });
  }

  it('is a 429 with Retry-After after a burst of messages into one channel, and another channel is free', async () => {
    const started = await start(() => {}, { rateLimits: true });
    const client = impatient(started);
    for (let message = 1; message <= 4; message += 1) await client.chat.postMessage({ channel: OPS, text: `${message}` });
    const fifth = client.chat.postMessage({ channel: OPS, text: '5' });
    await expect(fifth).rejects.toMatchObject({ retryAfter: 1 });
    await expect(fifth).rejects.toBeInstanceOf(WebAPIRateLimitedError);
    await client.chat.postMessage({ channel: 'C2ALERTS', text: 'free' });
    expect(started.slack.messages(OPS)).toHaveLength(4);
  });

  it('is a lost reply: the message is there, and a client that tries again posts it twice', async () => {
    const { slack, app } = await start(() => {});
    slack.inject('chat.postMessage', { kind: 'lost-reply' });
    await app.client.chat.postMessage({ channel: OPS, text: 'once?' });
    expect(slack.messages(OPS)).toHaveLength(2);
  });

  it('is a 503 that does nothing, or an error word', async () => {
    const { slack, app } = await start(() => {}, {
      faults: [{ method: 'chat.postMessage', fault: { kind: 'status', status: 503 } }],
    });
    await app.client.chat.postMessage({ channel: OPS, text: 'at last' });
    expect(slack.calls.filter(({ method }) => method === 'chat.postMessage').map(({ result }) => result)).toEqual([
      'HTTP 503',
      'ok',
    ]);
    slack.inject('chat.postMessage', { kind: 'error', error: 'is_archived' });
    expect(await errorOf(app.client.chat.postMessage({ channel: OPS, text: 'x' }))).toBe('is_archived');
    expect(slack.messages(OPS)).toHaveLength(1);
  });

  it('is a refresh of the connections: with two of them no command is lost', async () => {
    const { slack } = await start((app) => app.command('/storage', async ({ ack }) => ack('fine')));
    expect(slack.sockets).toBe(2);
    const failed: unknown[] = [];
    for (let round = 0; round < 3; round += 1) {
      await expect.poll(() => slack.sockets, { timeout: 3_000 }).toBe(2);
      slack.refresh('one');
      for (let command = 0; command < 50; command += 1) {
        const answer = await slack.command(OPERATOR, OPS, `/storage ${command}`);
        if (!answer.ok) failed.push(answer);
      }
    }
    expect(failed).toEqual([]);
  });
});
