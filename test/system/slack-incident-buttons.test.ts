import { describe, expect, it } from 'vitest';
import silenceRunbook from '../../runbooks/silence/index.ts';
import { addSilences } from '../../src/commands/alertmanager.ts';
import type { IncidentView } from '../../src/core/incident.ts';
import type { IncidentAction, Incidents, PostedMessage } from '../../src/core/incident-ports.ts';
import { createIncidentReporter } from '../../src/slack/connection/incident-reporter.ts';
import { createChannelLanes } from '../../src/slack/connection/lane.ts';
import { ended, episodeOf, episodes, incidentOf } from '../../src/slack/fixtures/incident-view.ts';
import { roundOf, stepOf, viewOf } from '../../src/slack/fixtures/run-view.ts';
import { ACKNOWLEDGE, CLOSE, DIAGNOSE, SILENCE, TAKE } from '../../src/slack/incident-buttons.ts';
import type { Harness } from './slack-harness.ts';
import { APPROVER, CHANNEL, logInto, MemoryMessages, nfsRunbook, OPERATOR, startHarness } from './slack-harness.ts';

const SOON = { timeout: 10_000 };

/** Incidents in memory, and every action that reaches them. */
function desk(view: IncidentView) {
  const acted: (IncidentAction & { does: string })[] = [];
  const state = { view };
  const act = (does: string) => async (action: IncidentAction) => {
    acted.push({ does, ...action });
    return { accepted: true, says: `Done: ${does}.` };
  };
  const incidents: Incidents = {
    view: (id) => (id === state.view.id ? state.view : undefined),
    open: () => [state.view],
    acknowledge: act('acknowledge'),
    take: act('take'),
    diagnose: act('diagnose'),
    close: act('close'),
  };
  return { acted, state, incidents };
}

/** The incident as the bot shows it; returns the timestamp of its root message. */
async function show({ connection, logged }: Harness, view: IncidentView): Promise<string> {
  const { client } = connection;
  const lane = createChannelLanes(5);
  const report = createIncidentReporter({ client, messages: new MemoryMessages(), log: logInto(logged), channel: CHANNEL, lane });
  return (await report(view, {})).thread;
}

describe('the buttons of an incident', () => {
  it('reach the incident once for each press, with who pressed, and are answered to that person', async () => {
    const { acted, incidents, state } = desk(incidentOf());
    await using harness = await startHarness({ incidents });
    const { slack } = harness;
    const root = await show(harness, state.view);
    for (const button of [ACKNOWLEDGE, TAKE, DIAGNOSE, CLOSE]) await slack.press(APPROVER, root, CHANNEL, button);
    expect(acted.map(({ does, incident, actor }) => [does, incident, actor.id])).toEqual(
      ['acknowledge', 'take', 'diagnose', 'close'].map((does) => [does, 'inc1', APPROVER]),
    );
    expect(new Set(acted.map(({ key }) => key)).size).toBe(4);
    expect((await harness.shown('Done: close.')).visibleTo).toBe(APPROVER);
  });

  it('of a time with alerts are answered where none are configured any more', async () => {
    await using harness = await startHarness();
    const root = await show(harness, incidentOf());
    await harness.slack.press(OPERATOR, root, CHANNEL, TAKE);
    expect((await harness.shown('The bot takes no alerts now')).visibleTo).toBe(OPERATOR);
  });
});

/** The words for the three alerts of the incident: apart, as one silence would be for the pod of each in the namespaces of the others. */
const SILENCED = [1, 2, 3].flatMap((index) => [
  ...(index === 1 ? [] : ['and']),
  'PodNotReady',
  `namespace=app-${index}`,
  `pod=app-${index}-0`,
]);

/** What the runbook plans in the memory engine. */
function silenceRun() {
  const matchers = [{ name: 'alertname', values: ['PodNotReady'] }] as const;
  const change = addSilences({ each: [matchers], durationMs: 3_600_000, createdBy: 'operator (storagebot-run1)', comment: 'x' });
  return viewOf({ id: 'run1', rounds: [roundOf({ plan: { steps: [{ ...stepOf(), change }] } })] });
}

async function openWindow(harness: Harness, view: IncidentView): Promise<void> {
  const root = await show(harness, view);
  await harness.slack.press(OPERATOR, root, CHANNEL, SILENCE);
  await expect.poll(() => harness.slack.views(OPERATOR), SOON).toHaveLength(1);
}

describe('a press of Silence', () => {
  it('shows the labels that are silenced, and the submission is the request and its approval, in the thread', async () => {
    const { incidents, state } = desk(incidentOf());
    await using harness = await startHarness({ incidents, firing: async () => state.view.members });
    harness.engine.settled = async () => (harness.engine.current = silenceRun());
    await openWindow(harness, state.view);
    expect(JSON.stringify(harness.slack.views(OPERATOR)[0])).toContain('PodNotReady namespace=app-1 pod=app-1-0');
    await harness.slack.submit(OPERATOR, { 'how-long': 'for 4h', reason: 'NAS is being replaced' });
    await harness.shown('Run run1 in this thread makes the silence.');
    expect(harness.engine.started).toMatchObject([
      {
        runbook: 'silence',
        arguments: [...SILENCED, 'for', '4h', 'because', 'NAS', 'is', 'being', 'replaced'],
        requester: { id: OPERATOR },
        origin: { kind: 'slack', channel: CHANNEL, thread: harness.slack.messages(CHANNEL)[0]?.ts },
      },
    ]);
    expect(harness.engine.decided).toMatchObject([{ run: 'run1', verdict: 'approve', actor: { id: OPERATOR } }]);
  });

  it('approves nothing that the window did not show: alerts joined meanwhile', async () => {
    const { incidents, state } = desk(incidentOf());
    await using harness = await startHarness({ incidents, firing: async () => state.view.members });
    harness.engine.settled = async () => (harness.engine.current = silenceRun());
    await openWindow(harness, state.view);
    const more = episodes(1, { name: 'MySQLDown', fingerprint: 'ffffffffffffffff' });
    state.view = incidentOf({ members: [...state.view.members, ...more] });
    await harness.slack.submit(OPERATOR, {});
    await harness.shown('Run run1 in this thread waits for an approval.');
    expect(harness.engine.started[0]?.arguments).toContain('MySQLDown');
    expect(harness.engine.decided).toEqual([]);
  });

  const stranger = { ...episodeOf(1), fingerprint: 'eeeeeeeeeeeeeeee' };
  it.each([
    ['another alert that fires would be muted too', async () => [stranger], '1 alert that fires and is not of this incident'],
    ['it is not known what fires', () => Promise.reject(new Error('down')), 'Alertmanager does not say what else would be muted'],
    ['Alertmanager may not be asked', undefined, 'Alertmanager does not say what else would be muted'],
  ])('approves nothing where %s', async (_what, firing, says) => {
    const { incidents, state } = desk(incidentOf());
    await using harness = await startHarness({ incidents, ...(firing && { firing }) });
    harness.engine.settled = async () => (harness.engine.current = silenceRun());
    await openWindow(harness, state.view);
    const shown = JSON.stringify(harness.slack.views(OPERATOR)[0]);
    expect(shown).toContain(says.startsWith('1') ? '+1 other' : 'does not say what else fires now');
    await harness.slack.submit(OPERATOR, {});
    expect(harness.slack.text(await harness.shown(says))).toContain('Run run1 in this thread waits for an approval.');
    expect(harness.engine.started).toHaveLength(1);
    expect(harness.engine.decided).toEqual([]);
  });

  it('opens its window in time although Alertmanager hangs', async () => {
    const { incidents, state } = desk(incidentOf());
    await using harness = await startHarness({ incidents, firing: () => new Promise<never>(() => undefined) });
    const root = await show(harness, state.view);
    const before = Date.now();
    await harness.slack.press(OPERATOR, root, CHANNEL, SILENCE);
    await expect.poll(() => harness.slack.views(OPERATOR), SOON).toHaveLength(1);
    expect(Date.now() - before).toBeLessThan(3_000);
  });

  it('approves no step that makes no silence', async () => {
    const { incidents, state } = desk(incidentOf());
    await using harness = await startHarness({ incidents });
    await openWindow(harness, state.view);
    await harness.slack.submit(OPERATOR, {});
    await expect.poll(() => harness.engine.started, SOON).toHaveLength(1);
    await harness.shown('waits for an approval');
    expect(harness.engine.decided).toEqual([]);
  });

  it('silences one alert by what it is about, and says so when nothing fires any more', async () => {
    const members = [...episodes(1), ...episodes(1, { name: 'MySQLDown', fingerprint: 'ffffffffffffffff' })];
    const { incidents, state } = desk(incidentOf({ members }));
    await using harness = await startHarness({ incidents });
    await openWindow(harness, state.view);
    await harness.slack.submit(OPERATOR, { what: 'MySQLDown', 'how-long': 'until resolved' });
    await expect.poll(() => harness.engine.started, SOON).toHaveLength(1);
    expect(harness.engine.started[0]?.arguments).toEqual(['MySQLDown', 'namespace=app-1', 'pod=app-1-0', 'until', 'resolved']);
    await openWindow(harness, state.view);
    state.view = incidentOf({ members: members.map(ended) });
    await harness.slack.submit(OPERATOR, { what: 'MySQLDown' });
    await harness.shown('None of these alerts fires any more');
    expect(harness.engine.started).toHaveLength(1);
  });
});

describe('an incident in words', () => {
  it('is silenced with the labels of what fires of it, and the run waits for an approval', async () => {
    const { incidents, state } = desk(incidentOf());
    await using harness = await startHarness({ incidents, runbooks: [nfsRunbook, silenceRunbook] });
    await harness.slack.command(OPERATOR, CHANNEL, '/storage silence inc1 for 4h because it is known');
    await expect.poll(() => harness.engine.started, SOON).toHaveLength(1);
    const [asked] = harness.engine.started;
    expect(asked).toMatchObject({ runbook: 'silence', requester: { id: OPERATOR } });
    expect(asked?.arguments).toEqual([...SILENCED, 'for', '4h', 'because', 'it', 'is', 'known']);
    expect(harness.engine.decided).toEqual([]);
    state.view = incidentOf({ members: episodes(2).map(ended) });
    await harness.slack.command(OPERATOR, CHANNEL, '/storage silence inc1 for 4h');
    await harness.shown('Incident inc1 has nothing that can be silenced at once.');
    await harness.slack.say(OPERATOR, CHANNEL, '@storagebot silence MySQLDown for 1h');
    await expect.poll(() => harness.engine.started.map((each) => each.arguments[0]), SOON).toEqual(['PodNotReady', 'MySQLDown']);
  });
});

describe('the list of incidents', () => {
  it('is shown to who asks, by command and by mention, and one of them with all that fires', async () => {
    const { incidents } = desk(incidentOf());
    await using harness = await startHarness({ incidents });
    await harness.slack.command(OPERATOR, CHANNEL, '/storage incidents');
    const list = await harness.shown('1 incident open');
    expect(list.visibleTo).toBe(OPERATOR);
    expect(harness.slack.text(list)).toContain('NAS 10.0.10.15 (not proved)');
    await harness.slack.say(APPROVER, CHANNEL, '@storagebot incidents inc1');
    expect((await harness.shown('app-3/app-3-0')).visibleTo).toBe(APPROVER);
    await harness.slack.command(OPERATOR, CHANNEL, '/storage incidents nosuch');
    await harness.shown('There is no incident nosuch.');
    expect(harness.engine.started).toEqual([]);
  });
});

describe('a message of Alertmanager in a watched channel', () => {
  const posted = {
    app: 'alertmanager',
    channel: CHANNEL,
    title: '[CRITICAL] NFSServerUnresponsive (1)',
    titleLink: 'http://alertmanager:9093/#/alerts?receiver=slack-critical',
    text: '• NFS server does not answer',
  };

  it('is heard, and messages of people are not', async () => {
    const heard: PostedMessage[] = [];
    const watch = { channels: [CHANNEL], heard: (message: PostedMessage) => heard.push(message) > 0 };
    await using harness = await startHarness({ watch });
    await harness.slack.say(OPERATOR, CHANNEL, posted.title);
    await harness.slack.postFromApp(posted);
    await expect.poll(() => heard, SOON).toEqual([{ text: '', attachments: [{ title: posted.title, link: posted.titleLink }] }]);
  });

  it('is not heard in other channels', async () => {
    const heard: PostedMessage[] = [];
    const watch = { channels: ['C0OTHER'], heard: (message: PostedMessage) => heard.push(message) > 0 };
    await using harness = await startHarness({ watch });
    await harness.slack.postFromApp(posted);
    await harness.slack.command(OPERATOR, CHANNEL, '/storage help');
    expect(heard).toEqual([]);
  });
});
