import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connectSlack } from '../../src/slack/connection/index.ts';
import { roundOf, stepOf, viewOf, withStep } from '../../src/slack/fixtures/run-view.ts';
import { startLabSlack } from '../lab/slack/index.ts';
import type { Harness } from './slack-harness.ts';
import { APPROVER, CHANNEL, logInto, OPERATOR, startHarness } from './slack-harness.ts';

const APPROVE = 'storagebot:approve';

async function askNfs({ slack, shown }: Harness) {
  const answer = await slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
  const step = await shown('Runs exactly this:');
  return { answer, step };
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 5_000) throw new Error('It did not become true within 5 s.');
    await sleep(10);
  }
}

describe('a command in Slack', () => {
  // Where the machine is busy, the clock of a test may run late too.
  it('is acknowledged within 100 ms, while the engine is still busy', { retry: 2 }, async () => {
    await using harness = await startHarness();
    harness.engine.startMs = 400;
    const answer = await harness.slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    expect(answer).toMatchObject({ ok: true });
    expect(answer.ackMs).toBeLessThan(100);
    expect(answer.message && harness.slack.text(answer.message)).toContain('Looking: `diagnose nfs immich`');
    expect(harness.engine.started).toEqual([]);
    await until(() => harness.engine.started.length === 1);
  });

  it('is answered by one root message whose thread holds evidence, proofs and the step on offer', async () => {
    await using harness = await startHarness();
    await askNfs(harness);
    const { slack } = harness;
    const [root] = slack.messages(CHANNEL);
    const thread = slack.messages(CHANNEL, root?.ts).map((message) => slack.text(message));
    expect(harness.engine.started).toMatchObject([
      { runbook: 'diagnose-nfs', arguments: ['immich'], requester: { id: OPERATOR, name: 'operator' } },
    ]);
    expect(slack.messages(CHANNEL)).toHaveLength(1);
    expect(thread[0]).toContain('diagnose nfs immich');
    expect(thread[0]).toContain('1 thing is wrong, and 1 thing could not be looked at');
    expect(thread[1]).toContain('✓ ok');
    expect(thread[1]).toContain('? unknown');
    expect(thread[1]).toContain('Do not: Do not restart the NFS server');
    expect(thread[2]).toContain('storagebot-run1-round-1.txt');
    expect(thread[3]).toContain('nas$ exportfs -ra');
    expect(thread).toHaveLength(4);
  });

  it.each([
    ['a refusal of the engine', '/storage diagnose nfs nosuch', 'There is no service <nosuch>.'],
    ['unknown words', '/storage diagnos nfs immich', 'Did you mean `/storage diagnose nfs <service>`?'],
    ['no words', '/storage', 'What I can do:'],
    ['a shell', '/storage diagnose nfs immich; rm -rf /', 'I do not take the character ;'],
  ])('with %s is answered in words to that person only, and nothing runs', async (_what, typed, says) => {
    await using harness = await startHarness();
    await harness.slack.command(OPERATOR, CHANNEL, typed);
    await until(() => harness.slack.ephemerals(CHANNEL, OPERATOR).some((message) => harness.slack.text(message).includes(says)));
    expect(harness.slack.messages(CHANNEL)).toEqual([]);
    expect(harness.engine.started).toEqual([]);
  });

  it('in a channel that is not allowed is refused in words', async () => {
    await using harness = await startHarness({ allowedChannels: ['C0OTHER'] });
    const answer = await harness.slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    expect(answer.message && harness.slack.text(answer.message)).toContain('I do not take requests in this channel');
    expect(harness.engine.started).toEqual([]);
  });

  it('that makes the bot fail is answered in words, and the log holds the reason without tokens', async () => {
    await using harness = await startHarness();
    harness.engine.failure = new Error(`store is closed ${harness.slack.botToken}`);
    const answer = await harness.slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    expect(answer.ok).toBe(true);
    await harness.slack.waitFor((message) => harness.slack.text(message).includes('Something went wrong inside the bot'), 5_000);
    expect(harness.logged.join('\n')).toContain('store is closed [token]');
    expect(harness.logged.join('\n')).not.toContain(harness.slack.botToken);
  });
});

describe('a mention', () => {
  it('in a thread is answered in that thread', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    const talk = await slack.say(OPERATOR, CHANNEL, 'immich is down');
    await slack.say(OPERATOR, CHANNEL, '@storagebot diagnose nfs immich', talk.ts);
    const step = await harness.shown('Runs exactly this:');
    expect(step.threadTs).toBe(talk.ts);
    expect(slack.messages(CHANNEL).map(({ user }) => user)).toEqual([OPERATOR]);
    expect(harness.engine.started).toMatchObject([{ origin: { kind: 'slack', channel: CHANNEL, thread: talk.ts } }]);
  });
});

describe('a press of Approve', () => {
  it('decides exactly the step shown, and afterwards the message has no buttons and says who decided and what came of it', {
    retry: 2,
  }, async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const { step } = await askNfs(harness);
    const press = await slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    expect(press).toMatchObject({ ok: true });
    expect(press.ackMs).toBeLessThan(100);
    const done = await slack.waitFor(
      (message) => message.ts === step.ts && slack.text(message).includes('done and verified'),
      5_000,
    );
    expect(engine.decided).toEqual([
      {
        run: 'run1',
        round: 1,
        step: 0,
        digest: 'abcdef012345',
        actor: { id: APPROVER, name: 'approver' },
        verdict: 'approve',
        key: expect.stringMatching(/^press /),
      },
    ]);
    expect(done.blocks.some(({ type }) => type === 'actions')).toBe(false);
    expect(slack.text(done)).toMatch(/Approved by .*approver/i);
    expect(slack.text(done)).toContain('The export is active.');
    expect(slack.text(done)).toContain('exportfs: duplicated export entries');
    await slack.waitFor((message) => slack.text(message).includes('Approved. Looking once more'), 5_000);
  });

  it('a second time, on a message that was not updated yet, is answered in words', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const { step } = await askNfs(harness);
    slack.inject('chat.update', { kind: 'delay', delayMs: 600 }, 4);
    await slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    await slack.press(OPERATOR, step.ts, CHANNEL, APPROVE);
    const answer = await slack.waitFor((message) => slack.text(message).includes('Too late: step 1 is done already.'), 5_000);
    expect(answer.visibleTo).toBe(OPERATOR);
    expect(engine.decided).toHaveLength(2);
  });
});

describe('a connection', () => {
  it.each([
    ['renews', 'refresh'],
    ['loses', 'cut'],
  ] as const)('that Slack %s loses no command', async (_what, how) => {
    await using harness = await startHarness();
    const { slack } = harness;
    const acks: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      slack[how]('one');
      for (let n = 0; n < 25; n += 1) {
        const answer = await slack.command(OPERATOR, CHANNEL, '/storage help');
        expect(answer).toMatchObject({ ok: true });
        acks.push(answer.ackMs);
      }
      await until(() => slack.sockets === 2);
    }
    expect(Math.max(...acks)).toBeLessThan(1_000);
  });

  it('comes back within a second when both sockets are cut at once', { retry: 2 }, async () => {
    await using harness = await startHarness();
    harness.slack.cut('all');
    const before = performance.now();
    await until(() => harness.slack.sockets === 2);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(harness.connection.ready()).toBe(true);
  });

  it('that is stopped lets a command end first', async () => {
    const harness = await startHarness();
    harness.engine.startMs = 300;
    await harness.slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    await harness.connection.stop();
    expect(harness.engine.started).toHaveLength(1);
    await harness.slack.stop();
  });
});

describe('the reporter', () => {
  it('finds a message whose reply was lost, and does not post it again', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    slack.inject('chat.postMessage', { kind: 'lost-reply' }, 2);
    await askNfs(harness);
    expect(slack.messages(CHANNEL)).toHaveLength(1);
    expect(slack.messages(CHANNEL, slack.messages(CHANNEL)[0]?.ts)).toHaveLength(4);
  });

  it('finds a file whose reply was lost, and does not upload it again', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    slack.inject('files.completeUploadExternal', { kind: 'lost-reply' });
    await askNfs(harness);
    const thread = slack.messages(CHANNEL, slack.messages(CHANNEL)[0]?.ts);
    expect(thread.flatMap(({ files }) => files)).toHaveLength(1);
  });

  it('waits as long as Slack asks when it answers 429', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    slack.inject('chat.postMessage', { kind: 'status', status: 429, retryAfterSeconds: 1 });
    const before = performance.now();
    await askNfs(harness);
    expect(performance.now() - before).toBeGreaterThan(1_000);
    expect(slack.calls.filter(({ method, result }) => method === 'chat.postMessage' && result !== 'ok')).toHaveLength(1);
  });

  it('shows the last of many quick states, with few updates', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const { step } = await askNfs(harness);
    const states = ['approved', 'started', 'done'] as const;
    await Promise.all(states.map((status) => engine.show({ ...withStep({ status }), id: 'run1', status: 'applying' })));
    const shown = slack.messages(CHANNEL, step.threadTs).find(({ ts }) => ts === step.ts);
    expect(shown && slack.text(shown)).toContain('done and verified');
    expect(shown?.edits).toBeLessThanOrEqual(2);
  });

  it('changes nothing in Slack when the same state is shown again', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    await askNfs(harness);
    await engine.show(engine.current);
    const { length } = slack.calls;
    await engine.show(engine.current);
    expect(slack.calls).toHaveLength(length);
  });

  it('tells the person who asked when it may not write in the channel', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    slack.inject('chat.postMessage', { kind: 'error', error: 'not_in_channel' });
    await slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    const notice = await harness.shown('I cannot write in');
    expect(notice.channel).toMatch(/^D/);
    await harness.shown('Runs exactly this:');
  });

  it('offers no button while the file with its command is not there', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    await askNfs(harness);
    const long = stepOf({ argv: ['echo', 'x'.repeat(15_000)] });
    const view = viewOf({ id: 'run2', rounds: [roundOf({ plan: { steps: [long] } })] });
    // Five tries to show, two files each.
    slack.inject('files.completeUploadExternal', { kind: 'error', error: 'missing_scope' }, 10);
    await engine.show(view);
    const withButtons = () =>
      slack
        .messages(CHANNEL, slack.messages(CHANNEL).at(-1)?.ts)
        .filter(({ blocks }) => JSON.stringify(blocks).includes(APPROVE));
    expect(withButtons()).toEqual([]);
    await engine.show(view);
    expect(withButtons()).toHaveLength(1);
  });

  it('stays within the rates of Slack, also for a second run at once', async () => {
    await using harness = await startHarness({ rateLimits: true });
    await askNfs(harness);
    await askNfs(harness);
    expect(harness.slack.calls.filter(({ result }) => result === 'HTTP 429')).toEqual([]);
  });
});

describe('a start', () => {
  it.each([
    ['auth.test', 'invalid_auth', 'SLACK_REFUSED', 'Check slack.botToken'],
    ['apps.connections.open', 'not_allowed_token_type', 'SLACK_UNREACHABLE', 'Check slack.appToken'],
  ])('that fails at %s with %s rejects with what to do', async (method, error, code, says) => {
    await using slack = await startSlack();
    slack.lab.inject(method, { kind: 'error', error }, 5);
    const connection = connectSlack({ ...slack.tokens, log: logInto([]) });
    await expect(connection.start()).rejects.toMatchObject({ code, message: expect.stringContaining(says) as unknown });
    expect(connection.ready()).toBe(false);
  });

  it('without a Slack that listens rejects instead of trying for ever', async () => {
    const slack = await startSlack();
    await slack[Symbol.asyncDispose]();
    const connection = connectSlack({ ...slack.tokens, log: logInto([]) });
    await expect(connection.start()).rejects.toMatchObject({ code: 'SLACK_REFUSED' });
  });

  it('with a Slack that answers too late rejects in time', async () => {
    await using slack = await startSlack();
    slack.lab.inject('auth.test', { kind: 'delay', delayMs: 500 });
    const connection = connectSlack({ ...slack.tokens, log: logInto([]), startTimeoutMs: 200 });
    await expect(connection.start()).rejects.toMatchObject({
      code: 'SLACK_REFUSED',
      message: 'Slack did not answer within 0.2 s.',
    });
    await sleep(500);
    expect(slack.lab.calls.map(({ method }) => method)).toEqual(['auth.test']);
    expect(slack.lab.sockets).toBe(0);
  });
});

async function startSlack() {
  const lab = await startLabSlack({ users: [], channels: [] });
  const { botToken, appToken, apiUrl } = lab;
  return { lab, tokens: { botToken, appToken, apiUrl }, [Symbol.asyncDispose]: () => lab.stop() };
}
