import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { WebAPIPlatformError } from '@slack/web-api';
import { afterEach } from 'vitest';
import type { LabSlack, LabSlackOptions } from './index.ts';
import { startLabSlack } from './index.ts';

/** A lab and an unmodified Bolt app in it, for this folder's tests. */
export interface TestBot {
  readonly slack: LabSlack;
  readonly app: App;
  stop(): Promise<void>;
}

export const OPERATOR = 'U1OPERATOR';
export const APPROVER = 'U2APPROVER';
export const OPS = 'C1OPS';

export const SITE: Pick<LabSlackOptions, 'users' | 'channels'> = {
  users: [
    { id: OPERATOR, name: 'operator', label: 'Operator' },
    { id: APPROVER, name: 'approver', label: 'Approver' },
  ],
  channels: [
    { id: OPS, name: 'storage-ops' },
    { id: 'C2ALERTS', name: 'alerts' },
  ],
};

/** Two sockets, as the bot has: one goes on listening while the other reconnects. */
export async function startTestBot(listen: (app: App) => void, options: Partial<LabSlackOptions> = {}): Promise<TestBot> {
  const slack = await startLabSlack({ ...SITE, ...options });
  const receivers = [newReceiver(slack), newReceiver(slack)] as const;
  const [first, second] = receivers;
  const app = new App({
    token: slack.botToken,
    receiver: first,
    deferInitialization: true,
    clientOptions: clientOptions(slack),
    logLevel: LogLevel.ERROR,
  });
  listen(app);
  await app.init();
  second.init(app);
  await Promise.all([first.start(), second.start()]);
  const stop = async (): Promise<void> => {
    await Promise.all(receivers.map((receiver) => receiver.client.disconnect()));
    await slack.stop();
  };
  return { slack, app, stop };
}

function newReceiver(slack: LabSlack): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken: slack.appToken,
    logLevel: LogLevel.ERROR,
    clientPingTimeout: 300,
    installerOptions: { clientOptions: clientOptions(slack) },
  });
}

function clientOptions(slack: LabSlack) {
  return { slackApiUrl: slack.apiUrl, retryConfig: { retries: 2, minTimeout: 20, maxTimeout: 50 }, timeout: 5_000 };
}

/** The two buttons of an approval, and a section above them. */
export function approvalBlocks(run: string): KnownBlock[] {
  const plain = (text: string) => ({ type: 'plain_text' as const, text });
  const confirm = {
    title: plain('Approve?'),
    text: { type: 'mrkdwn' as const, text: 'It will restart the pod.' },
    confirm: plain('Approve'),
    deny: plain('Not yet'),
  };
  return [
    { type: 'section', text: { type: 'mrkdwn', text: `Run *${run}* waits for a decision.` } },
    {
      type: 'actions',
      block_id: 'decision',
      elements: [
        { type: 'button', action_id: 'approve', text: plain('Approve'), style: 'primary', value: run, confirm },
        { type: 'button', action_id: 'deny', text: plain('Deny'), style: 'danger', value: run },
      ],
    },
  ];
}

/** `startTestBot` for a test file: what it starts is stopped after each test. */
export function startingTestBots(): typeof startTestBot {
  const started: TestBot[] = [];
  afterEach(async () => {
    for (const bot of started.splice(0)) await bot.stop();
  });
  return async (...parameters) => {
    const bot = await startTestBot(...parameters);
    started.push(bot);
    return bot;
  };
}

/** The error word with which Slack answered, or `ok`. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return String(error.data.error);
    throw error;
  }
  return 'ok';
}
