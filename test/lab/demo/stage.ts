import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scenario } from '../scenarios/scenario.ts';
import type { LabSite } from '../site/lab.ts';
import { startLab } from '../site/lab.ts';
import type { LabSlack } from '../slack/index.ts';
import { startLabSlack } from '../slack/index.ts';

export const OPERATOR = 'U1OPERATOR';
export const APPROVER = 'U2APPROVER';
export const SECOND_APPROVER = 'U3SECOND';
export const VISITOR = 'U4VISITOR';
export const OPS = 'C1OPS';

/** A simulated site, a simulated Slack, and between them the bot as it is shipped: its own process with its own configuration. */
export interface Stage {
  readonly site: LabSite;
  readonly slack: LabSlack;
  /** Milliseconds from the bot's start until both of its sockets listened. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

export interface StageOptions {
  readonly scenario: Scenario;
  /** Port of the page; a free one if absent. */
  readonly port?: number;
  /** How many times as fast as outside the site's time passes. */
  readonly speed?: number;
}

export async function setStage({ scenario, port, speed = 4 }: StageOptions): Promise<Stage> {
  const slack = await startLabSlack({ ...WORKSPACE, rateLimits: true, ...(port === undefined ? {} : { port }) });
  const site = await startLab({
    scenario,
    speed,
    sections: { slack: slackSection(slack), approval: APPROVAL, http: { port: await freePort() } },
  });
  const startedAt = performance.now();
  const bot = startBot(site, slack);
  const stop = async () => {
    await end(bot.child);
    await Promise.all([site.stop(), slack.stop()]);
  };
  try {
    await untilListening(slack, bot);
  } catch (error) {
    await stop();
    throw error;
  }
  return { site, slack, readyMs: Math.round(performance.now() - startedAt), stop };
}

const WORKSPACE = {
  users: [
    { id: OPERATOR, name: 'operator', label: 'Operator' },
    { id: APPROVER, name: 'approver', label: 'Approver' },
    { id: SECOND_APPROVER, name: 'second-approver', label: 'Second approver' },
    { id: VISITOR, name: 'visitor', label: 'Visitor (may approve nothing)' },
  ],
  channels: [{ id: OPS, name: 'storage-ops' }],
  commands: [
    {
      command: '/storage',
      description: 'Diagnose and repair the storage of the cluster',
      usageHint: 'diagnose nfs immich',
      suggestions: ['diagnose nfs immich', 'add export paperless', 'restart nfs', 'diagnose nfs imich', 'help'],
    },
  ],
};

const APPROVAL = {
  expiresAfter: '30m',
  tiers: {
    normal: { approvers: [OPERATOR, APPROVER, SECOND_APPROVER], count: 1, selfApproval: true },
    high: { approvers: [APPROVER, SECOND_APPROVER], count: 2, selfApproval: false },
    destructive: { approvers: [APPROVER, SECOND_APPROVER], count: 2, selfApproval: false },
  },
};

function slackSection({ apiUrl }: LabSlack) {
  return { appToken: 'env:SLACK_APP_TOKEN', botToken: 'env:SLACK_BOT_TOKEN', apiUrl };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface RunningBot {
  readonly child: ChildProcess;
  readonly logPath: string;
}

function startBot({ configPath, directory }: LabSite, { appToken, botToken }: LabSlack): RunningBot {
  const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, '--config', configPath], {
    env: { PATH: process.env['PATH'], HOME: directory, SLACK_APP_TOKEN: appToken, SLACK_BOT_TOKEN: botToken },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logPath = join(directory, 'storagebot.log');
  const log = createWriteStream(logPath);
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return { child, logPath };
}

const READY_WITHIN_MS = 30_000;

async function untilListening(slack: LabSlack, { child, logPath }: RunningBot): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (slack.sockets < 2) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`The bot did not start. Its log says:\n${await readFile(logPath, 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Lets it drain, as a supervisor would. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
