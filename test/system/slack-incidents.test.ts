import { describe, expect, it } from 'vitest';
import { episodeKey } from '../../src/core/alert.ts';
import type { IncidentView } from '../../src/core/incident.ts';
import type { IncidentReporter } from '../../src/core/incident-ports.ts';
import { createIncidentReporter, type IncidentReporterOptions } from '../../src/slack/connection/incident-reporter.ts';
import { createChannelLanes } from '../../src/slack/connection/lane.ts';
import { createSlackReporter } from '../../src/slack/connection/reporter.ts';
import { ended, episodeOf, episodes, incidentOf } from '../../src/slack/fixtures/incident-view.ts';
import { viewOf } from '../../src/slack/fixtures/run-view.ts';
import type { Harness } from './slack-harness.ts';
import { CHANNEL, logInto, MemoryMessages, startHarness } from './slack-harness.ts';

interface Stand extends AsyncDisposable {
  readonly harness: Harness;
  readonly messages: MemoryMessages;
  /** A reporter of a new life of the bot, with what the one before remembered. */
  readonly reborn: (options?: Partial<IncidentReporterOptions>) => IncidentReporter;
  readonly roots: () => readonly string[];
  readonly thread: () => readonly string[];
}

async function stand(options: { rateLimits?: boolean } = {}): Promise<Stand> {
  const harness = await startHarness(options);
  const { slack } = harness;
  const messages = new MemoryMessages();
  const pace = { gatherMs: 300, updateEveryMs: 20, updateSpacingMs: 5 };
  return {
    harness,
    messages,
    reborn: (changed = {}) =>
      createIncidentReporter({
        client: harness.connection.client,
        messages,
        log: logInto(harness.logged),
        channel: CHANNEL,
        lane: createChannelLanes(options.rateLimits === true ? 1_000 : 5),
        ...pace,
        ...changed,
      }),
    roots: () => slack.messages(CHANNEL).map((message) => slack.text(message)),
    thread: () => {
      const [root] = slack.messages(CHANNEL);
      return root === undefined
        ? []
        : slack
            .messages(CHANNEL, root.ts)
            .slice(1)
            .map((message) => slack.text(message));
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

const SOON = { timeout: 10_000 };

function grown(count: number, changes: Partial<IncidentView> = {}): IncidentView {
  return incidentOf({ members: episodes(count), revision: count, ...changes });
}

describe('an incident in Slack', () => {
  it('is one message that is updated, whose thread its runs belong in', async () => {
    await using s = await stand();
    const report = s.reborn();
    const thread = await report(grown(3), {});
    expect(
      await report(grown(3, { acknowledged: { by: { id: 'U0001', name: 'operator' }, at: 1_795_366_460_000 } }), {}),
    ).toEqual(thread);
    expect(thread).toEqual({ kind: 'slack', channel: CHANNEL, thread: s.harness.slack.messages(CHANNEL)[0]?.ts });
    expect(s.roots()).toHaveLength(1);
    expect(s.roots()[0]).toContain('Acknowledged by');
    expect(s.thread()).toEqual([]);
  });

  it('tells joins and ends in its thread, gathered into one message', async () => {
    await using s = await stand();
    const report = s.reborn();
    await report(grown(3), {});
    const members = [...episodes(6), ended(episodeOf(7)), episodeOf(8)];
    const states = [grown(4), grown(5), grown(6), grown(7), grown(8, { members })];
    await Promise.all(states.map((view) => report(view, {})));
    await expect.poll(s.thread, SOON).toHaveLength(1);
    expect(s.thread()[0]).toContain('5 joined: 7 alerts fire now');
    await report(grown(9, { members: episodes(8).map(ended), quietSince: 1 }), {});
    await expect.poll(s.thread, SOON).toHaveLength(2);
    expect(s.thread()[1]).toContain('7 ended: none fires now');
  });

  it('tells that it is closed at once, and once, with what nobody was told yet', async () => {
    await using s = await stand();
    const report = s.reborn({ gatherMs: 60_000 });
    await report(grown(3), {});
    const over = grown(5, { members: episodes(4).map(ended), closed: { at: 1_795_367_000_000, because: 'all-ended' } });
    await report(over, {});
    await report({ ...over, revision: 6 }, {});
    expect(s.thread()).toHaveLength(1);
    expect(s.thread()[0]).toContain('The incident is closed');
    expect(s.thread()[0]).toContain('app-4/app-4-0');
    await s.reborn()({ ...over, revision: 7 }, {});
    expect(s.thread()).toHaveLength(1);
  });

  it('that fires again after it was closed says so in the same thread', async () => {
    await using s = await stand();
    const report = s.reborn();
    await report(grown(2), {});
    await report(grown(2, { members: episodes(2).map(ended), closed: { at: 5, because: 'all-ended' } }), {});
    await report(grown(2), {});
    await expect.poll(s.thread, SOON).toHaveLength(2);
    expect(s.thread()[1]).toContain('2 fire again: 2 alerts fire now');
    expect(s.roots()).toHaveLength(1);
    expect(s.roots()[0]).toContain('Silence…');
  });

  it('of 500 alerts names each of them in its thread, and Slack takes all of it', async () => {
    await using s = await stand();
    await s.reborn()(grown(500), {});
    await expect.poll(s.thread, SOON).not.toHaveLength(0);
    const { slack } = s.harness;
    const files = slack.messages(CHANNEL, slack.messages(CHANNEL)[0]?.ts).flatMap((message) => message.files);
    const said = [...s.thread(), ...files.map(({ content }) => content)].join('\n');
    const missing = episodes(500).filter(({ labels }) => !said.includes(`${labels['namespace']}/${labels['pod']}`));
    expect(missing).toEqual([]);
  });
});

describe('a bot that is killed', () => {
  it('while its first message is on the way finds it again, and posts no second one', async () => {
    await using s = await stand();
    await s.reborn()(grown(3), {});
    const remembered = s.messages.getMessages('inc1').get('root');
    expect(remembered).toMatchObject({ state: 'shown' });
    s.messages.putMessage('inc1', 'root', { state: 'sending', since: Date.now() - 1_000 });
    const thread = await s.reborn()(grown(4), {});
    expect(s.roots()).toHaveLength(1);
    expect(thread.thread).toBe(s.harness.slack.messages(CHANNEL)[0]?.ts);
    await expect.poll(s.thread, SOON).toEqual([expect.stringContaining('1 joined')]);
  });

  it('while news are on the way tells them once', async () => {
    await using s = await stand();
    const report = s.reborn({ gatherMs: 0 });
    await report(grown(3), {});
    await report(grown(5), {});
    await expect.poll(s.thread, SOON).toHaveLength(1);
    s.messages.putMessage('inc1', 'news 1', { state: 'sending', since: Date.now() - 1_000 });
    await s.reborn()(grown(5), {});
    await expect.poll(() => s.messages.getMessages('inc1').get('news 1'), SOON).toMatchObject({ state: 'shown' });
    expect(s.thread()).toHaveLength(1);
  });

  it('between writing news down and sending them sends them afterwards', async () => {
    await using s = await stand();
    const report = s.reborn({ gatherMs: 0 });
    await report(grown(3), {});
    s.messages.putMessage('inc1', 'ledger 1', { ...LEDGER, joined: [episodeKey(episodeOf(4))] });
    await s.reborn({ gatherMs: 60_000 })(grown(4), {});
    await expect.poll(s.thread, SOON).toEqual([expect.stringContaining('1 joined: 4 alerts fire now')]);
  });
});

const LEDGER = { told: true, isStart: false, again: [], ended: [] };

describe('many changes at once', () => {
  it('are shown in their latest state with few calls, and every caller hears of it', async () => {
    await using s = await stand();
    const report = s.reborn({ updateEveryMs: 200 });
    await report(grown(1), {});
    const before = s.harness.slack.calls.length;
    const threads = await Promise.all(Array.from({ length: 200 }, (_, index) => report(grown(index + 2), {})));
    expect(new Set(threads.map(({ thread }) => thread)).size).toBe(1);
    expect(s.roots()[0]).toContain('201 of 201 alerts fire');
    await expect.poll(s.thread, SOON).toHaveLength(1);
    expect(s.harness.slack.calls.length - before).toBeLessThan(6);
  });

  it('never let callers wait for the end of the storm', async () => {
    await using s = await stand();
    const report = s.reborn();
    const first = report(grown(1), {});
    let count = 1;
    const storm = setInterval(() => void report(grown((count += 1)), {}).catch(() => undefined), 3);
    await first;
    await report(grown(500), {});
    await expect.poll(s.thread, SOON).not.toHaveLength(0);
    clearInterval(storm);
  });

  it('in many incidents are spaced, because Slack counts the updates of all messages together', async () => {
    await using s = await stand();
    const report = s.reborn({ updateSpacingMs: 60 });
    const ids = Array.from({ length: 6 }, (_, index) => `inc${index}`);
    for (const count of [1, 2]) await Promise.all(ids.map((id) => report({ ...grown(count), id }, {})));
    const at = s.harness.slack.calls.filter(({ method }) => method === 'chat.update').map((call) => call.at);
    expect(at).toHaveLength(6);
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(250);
  });

  it('in many incidents keep to what Slack allows', { timeout: 60_000 }, async () => {
    await using s = await stand({ rateLimits: true });
    const report = s.reborn({ gatherMs: 1_000, updateEveryMs: 1_000, updateSpacingMs: 1_400 });
    const show = (id: string, count: number) => report({ ...grown(count), id }, {});
    const ids = Array.from({ length: 6 }, (_, index) => `inc${index}`);
    await Promise.all(ids.map((id) => show(id, 1)));
    await Promise.all(ids.map((id) => show(id, 4)));
    expect(s.roots()).toHaveLength(6);
    expect(s.harness.slack.calls.filter(({ result }) => result !== 'ok')).toEqual([]);
  });
});

describe('runs and incidents in one channel', () => {
  it('together keep to one message a second', { timeout: 60_000 }, async () => {
    await using s = await stand({ rateLimits: true });
    const lane = createChannelLanes();
    const { connection, logged, slack } = s.harness;
    const log = logInto(logged);
    const runs = createSlackReporter({ client: connection.client, messages: new MemoryMessages(), log, lane });
    const report = s.reborn({ lane });
    const ids = ['inc1', 'inc2', 'inc3'];
    const origin = { kind: 'slack', channel: CHANNEL } as const;
    await Promise.all([runs(viewOf(), origin), ...ids.map((id) => report({ ...grown(2), id }, {}))]);
    expect(s.roots()).toHaveLength(4);
    expect(slack.calls.filter(({ result }) => result !== 'ok')).toEqual([]);
  });
});

describe('a Slack that refuses', () => {
  it('makes the report fail, and the next one shows it', async () => {
    await using s = await stand();
    const report = s.reborn();
    s.harness.slack.inject('chat.postMessage', { kind: 'error', error: 'channel_not_found' });
    await expect(report(grown(3), {})).rejects.toThrow('channel_not_found');
    await report(grown(3), {});
    expect(s.roots()).toHaveLength(1);
  });
});
