import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LabSlack, startLabSlack } from '../../test/lab/slack/index.ts';
import { createLog } from '../log.ts';
import { connectSlack } from '../slack/connection/index.ts';
import { createSlackSession, type SlackSession } from './slack-session.ts';

/** Each attempt of the client and its two repetitions. */
const CALLS = 3;

let slack: LabSlack;
let sessions: SlackSession[];
let lines: string[];
let opened: number;
beforeEach(async () => {
  slack = await startLabSlack({ users: [], channels: [{ id: 'C0STORAGE01', name: 'storage' }] });
  [sessions, lines, opened] = [[], [], 0];
});
afterEach(async () => {
  for (const session of sessions) await session.stop();
  await slack.stop();
});

function session(mayWait: boolean): SlackSession {
  const log = createLog({ secrets: () => [slack.appToken, slack.botToken], write: (line) => lines.push(line) });
  const open = () => {
    opened += 1;
    return connectSlack({ appToken: slack.appToken, botToken: slack.botToken, apiUrl: slack.apiUrl, log });
  };
  const made = createSlackSession({ first: open(), open, mayWait, log, firstPauseMs: 10 });
  sessions.push(made);
  return made;
}

test.each(['auth.test', 'apps.connections.open'])(
  'a bot with other work goes on while Slack does not answer at %s, and connects when it does',
  async (method) => {
    slack.inject(method, { kind: 'status', status: 503 }, 2 * CALLS);
    const { start, ready } = session(true);
    await start();
    expect(ready()).toBe(false);
    expect(lines.join('')).toContain('Slack cannot be reached: alerts are taken in');
    await expect.poll(ready, { timeout: 20_000 }).toBe(true);
    expect(opened).toBeGreaterThan(1);
  },
  30_000,
);

test('an error of Slack itself is no refusal', async () => {
  slack.inject('auth.test', { kind: 'error', error: 'internal_error' });
  const { start, ready } = session(true);
  await start();
  await expect.poll(ready, { timeout: 10_000 }).toBe(true);
}, 15_000);

test('a bot that can do nothing without Slack does not start', async () => {
  slack.inject('auth.test', { kind: 'status', status: 503 }, CALLS);
  await expect(session(false).start()).rejects.toMatchObject({ code: 'SLACK_REFUSED' });
  expect(opened).toBe(1);
});

test.each([
  ['auth.test', 'invalid_auth', 'SLACK_REFUSED'],
  ['apps.connections.open', 'not_allowed_token_type', 'SLACK_UNREACHABLE'],
])('a token that Slack refuses at %s is a reason not to start, whatever else there is to do', async (method, error, code) => {
  slack.inject(method, { kind: 'error', error }, 2 * CALLS);
  await expect(session(true).start()).rejects.toMatchObject({ code });
});

test('it is not tried again after a stop', async () => {
  slack.inject('auth.test', { kind: 'status', status: 503 }, 100);
  const { start, stop } = session(true);
  await start();
  await stop();
  const before = opened;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(opened).toBe(before);
});
