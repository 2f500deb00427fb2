import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { changed, type Written } from '../test/example-config.ts';
import { type LabSlack, startLabSlack } from '../test/lab/slack/index.ts';
import { type ToyWorld, toy, toyWorld } from '../test/toy.ts';
import { openSecrets } from './app/secrets.ts';
import { type Bot, startBot } from './bot.ts';
import { parseConfig } from './config/config.ts';
import { lockState } from './engine/lock.ts';
import { createLog } from './log.ts';
import { APPROVE } from './slack/decision-value.ts';
import { restoreState } from './store/keeping-restore.ts';

const OPERATOR = 'U0OPERATOR1';
const APPROVER = 'U0APPROVER1';
const CHANNEL = 'C0STORAGE01';

let slack: LabSlack;
let directory: string;
let world: ToyWorld;
let bots: Bot[];
let lines: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storagebot-bot-'));
  await writeFile(join(directory, 'key'), 'canary-private-key');
  slack = await startLabSlack({
    users: [
      { id: OPERATOR, name: 'operator', label: 'Operator' },
      { id: APPROVER, name: 'approver', label: 'Approver' },
    ],
    channels: [{ id: CHANNEL, name: 'storage' }],
    usergroups: [{ id: 'S0EXAMPLE01', handle: 'storage-approvers', users: [APPROVER] }],
  });
  vi.stubEnv('TEST_APP_TOKEN', slack.appToken);
  vi.stubEnv('TEST_BOT_TOKEN', slack.botToken);
  world = toyWorld();
  bots = [];
  lines = [];
});

afterEach(async () => {
  for (const bot of bots) await bot.close();
  await slack.stop();
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function start(change: (file: Written) => void = () => undefined): Promise<Bot> {
  const text = changed((file) => {
    const key = `file:${join(directory, 'key')}`;
    file.slack = { appToken: 'env:TEST_APP_TOKEN', botToken: 'env:TEST_BOT_TOKEN', apiUrl: slack.apiUrl };
    file.approval = { tiers: { normal: { approvers: ['S0EXAMPLE01'] } } };
    file.state.directory = join(directory, 'state');
    file.ssh = { read: { user: 'reader', key }, change: { user: 'changer', key } };
    file.audit = {};
    file.http = { port: 18_080 };
    for (const key of ['audit', 'alerts'] as const) Reflect.deleteProperty(file, key);
    change(file);
  });
  const config = parseConfig(text);
  const secrets = openSecrets(config);
  const log = createLog({ secrets: secrets.known, level: 'debug', write: (line) => lines.push(line) });
  const bot = await startBot(
    { ...config, http: { ...config.http, port: 0 } },
    { runbooks: [toy], secrets, buildVersion: '1', log, targets: world.targets },
  );
  bots.push(bot);
  return bot;
}

async function readiness({ health }: Bot) {
  const response = await fetch(`http://127.0.0.1:${health.port}/readyz`);
  return { status: response.status, text: await response.text() };
}

describe('the bot', () => {
  test('is asked in Slack, is approved by a member of the group that may, changes, and says so; no token is in its log', async () => {
    const bot = await start();
    expect(await readiness(bot)).toEqual({ status: 200, text: 'ok\n' });
    expect(await slack.command(OPERATOR, CHANNEL, '/storage diagnose toy train')).toMatchObject({ ok: true });
    const offer = await slack.waitFor((message) => slack.text(message).includes('truenas$ start') && hasButton(message), 10_000);
    expect(world.changes).toEqual([]);
    await slack.press(OPERATOR, offer.ts, CHANNEL, APPROVE);
    await slack.press(APPROVER, offer.ts, CHANNEL, APPROVE);
    await vi.waitFor(() => expect(world.changes).toEqual(['truenas$ start']), 10_000);
    await slack.waitFor((message) => slack.text(message).includes('It runs.'), 10_000);
    expect(lines.join('')).not.toMatch(new RegExp(`canary|${slack.appToken}|${slack.botToken}`));
  });

  test('makes an incident of an alert in its channel, and says there once what it cannot read', async () => {
    const port = await freePort();
    vi.stubEnv('TEST_ALERTS_TOKEN', 'canary-token-of-the-alerts');
    await start((file) => {
      file.alerts = { channel: CHANNEL, listen: { port }, token: 'env:TEST_ALERTS_TOKEN', gatherFor: '1s' };
    });
    const headers = { authorization: 'Bearer canary-token-of-the-alerts' };
    const post = async (body: unknown) =>
      (await fetch(`http://127.0.0.1:${port}/alertmanager`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    expect([await post({ of: 'something else' }), await post({ of: 'something else' })]).toEqual([400, 400]);
    await slack.waitFor((message) => slack.text(message).includes('cannot be read'), 10_000);
    expect(await post(somethingNew())).toBe(200);
    await slack.waitFor((message) => slack.text(message).includes('SomethingNew'), 20_000);
    expect(slack.messages(CHANNEL).filter((message) => slack.text(message).includes('cannot be read'))).toHaveLength(1);
    await slack.command(OPERATOR, CHANNEL, '/storage incidents');
    await vi.waitFor(() => expect(slack.ephemerals(CHANNEL, OPERATOR).map(slack.text).join()).toContain('SomethingNew'), 5_000);
    expect(lines.join('')).not.toContain('canary');
  });

  test('does not listen in channels that are not allowed', async () => {
    await start((file) => {
      file.slack.channels = ['C0OTHER0001'];
    });
    const { message } = await slack.command(OPERATOR, CHANNEL, '/storage diagnose toy train');
    expect(message && slack.text(message)).toContain('channel');
    expect(slack.messages(CHANNEL)).toEqual([]);
  });

  test('that is stopped takes nothing more, frees its state, and can start again', async () => {
    const bot = await start();
    await bot.close();
    await expect(readiness(bot)).rejects.toThrow('fetch failed');
    expect(await readiness(await start())).toMatchObject({ status: 200 });
  });
});

describe('a bot whose state is damaged', () => {
  async function damagedState(): Promise<void> {
    await (await start()).close();
    await truncate(join(directory, 'state/storagebot.db'), 6_000);
  }

  test('answers each command, mention and button with that, changes nothing, and ends when it is told to', async () => {
    const sound = await start();
    await slack.command(OPERATOR, CHANNEL, '/storage diagnose toy train');
    const offer = await slack.waitFor((message) => slack.text(message).includes('truenas$ start') && hasButton(message), 10_000);
    await sound.close();
    await truncate(join(directory, 'state/storagebot.db'), 6_000);
    const bot = await start();
    const words = /state of the bot is damaged.*storagebot\.db: .*newest good copy is .*storagebot state restore/s;
    expect(await readiness(bot)).toEqual({ status: 503, text: expect.stringMatching(words) });
    const { message } = await slack.command(OPERATOR, CHANNEL, '/storage diagnose toy train');
    expect(message && slack.text(message)).toMatch(words);
    await slack.press(APPROVER, offer.ts, CHANNEL, APPROVE);
    await vi.waitFor(() => expect(slack.ephemerals(CHANNEL, APPROVER).map(slack.text)).toEqual([expect.stringMatching(words)]));
    await slack.say(APPROVER, CHANNEL, '@storagebot diagnose toy train');
    await vi.waitFor(() => expect(slack.ephemerals(CHANNEL, APPROVER)).toHaveLength(2), 5_000);
    expect(world.changes).toEqual([]);
    expect(lines.join('')).toContain('STATE_DAMAGED');
    await bot.close();
    await expect(readiness(bot)).rejects.toThrow('fetch failed');
  });

  test('does not hold its state, so that a copy can be put back while it answers', async () => {
    await damagedState();
    await start();
    const lock = lockState(join(directory, 'state'));
    const { copy } = await restoreState(join(directory, 'state'), { now: Date.now() });
    lock.release();
    expect(copy?.path).toContain(join(directory, 'state/copies'));
    await bots.pop()?.close();
    expect(await readiness(await start())).toMatchObject({ status: 200 });
  });

  test('or cannot be used: it says so in the same way', async () => {
    const bot = await start((file) => {
      file.state.directory = join(directory, 'key/state');
    });
    expect(await readiness(bot)).toEqual({ status: 503, text: expect.stringContaining('key/state cannot be made: ENOTDIR') });
    const { message } = await slack.command(OPERATOR, CHANNEL, '/storage help');
    expect(message && slack.text(message)).toContain('cannot be made');
  });

  test('does not tell of it in channels that are not allowed', async () => {
    await damagedState();
    await start((file) => {
      file.slack.channels = ['C0OTHER0001'];
    });
    const { message } = await slack.command(OPERATOR, CHANNEL, '/storage diagnose toy train');
    expect(message && slack.text(message)).not.toContain('damaged');
  });
});

describe('the bot does not start', () => {
  test('without a slack section, and names the command to use instead', async () => {
    const starting = start((file) => void Reflect.deleteProperty(file, 'slack'));
    await expect(starting).rejects.toMatchObject({ code: 'NOT_A_BOT', message: expect.stringContaining('storagebot command') });
  });

  test('without its tokens, and names both', async () => {
    vi.stubEnv('TEST_APP_TOKEN', undefined);
    vi.stubEnv('TEST_BOT_TOKEN', undefined);
    await expect(start()).rejects.toThrow(/env:TEST_APP_TOKEN.*\n.*env:TEST_BOT_TOKEN/);
  });

  test('when Slack does not accept it, and leaves nothing behind that runs', async () => {
    vi.stubEnv('TEST_BOT_TOKEN', 'xoxb-wrong-canary');
    await expect(start()).rejects.toMatchObject({ code: 'SLACK_REFUSED', message: expect.not.stringContaining('canary') });
    vi.stubEnv('TEST_BOT_TOKEN', slack.botToken);
    expect(await readiness(await start())).toMatchObject({ status: 200 });
  });

  test('without Slack, unless alerts are to be taken in meanwhile', async () => {
    slack.inject('auth.test', { kind: 'status', status: 503 }, 3);
    await expect(start()).rejects.toMatchObject({ code: 'SLACK_REFUSED' });
    slack.inject('auth.test', { kind: 'status', status: 503 }, 3);
    vi.stubEnv('TEST_ALERTS_TOKEN', 'the-token');
    const port = await freePort();
    const bot = await start((file) => {
      file.alerts = { channel: CHANNEL, listen: { port }, token: 'env:TEST_ALERTS_TOKEN', gatherFor: '1s' };
    });
    expect(await readiness(bot)).toEqual({ status: 503, text: expect.stringContaining('Slack is not connected.') });
    const headers = { authorization: 'Bearer the-token' };
    const body = JSON.stringify(somethingNew());
    expect((await fetch(`http://127.0.0.1:${port}/alertmanager`, { method: 'POST', headers, body })).status).toBe(200);
    await expect.poll(async () => (await readiness(bot)).status, { timeout: 20_000, interval: 200 }).toBe(200);
    await slack.waitFor((message) => slack.text(message).includes('SomethingNew'), 20_000);
  }, 40_000);

  test('twice on one state', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'STATE_IN_USE' });
  });
});

/** As Alertmanager sends one alert. */
function somethingNew() {
  const labels = { alertname: 'SomethingNew', severity: 'critical' };
  const times = { startsAt: '2026-01-01T00:00:00Z', endsAt: '0001-01-01T00:00:00Z' };
  const alerts = [{ status: 'firing', labels, annotations: {}, ...times, generatorURL: '', fingerprint: '0123456789abcdef' }];
  return { version: '4', groupKey: '{}', truncatedAlerts: 0, status: 'firing', receiver: 'storagebot', alerts };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

function hasButton(message: object): boolean {
  return JSON.stringify(message).includes(APPROVE);
}
