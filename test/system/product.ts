import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import type { ConfigAsWritten } from '../../src/config/schema.ts';
import type { LabSite, LabSiteOptions } from '../lab/site/index.ts';
import { startLab } from '../lab/site/index.ts';
import type { LabChannel, LabSlack } from '../lab/slack/index.ts';
import { startLabSlack } from '../lab/slack/index.ts';

export const OPERATOR = 'U1OPERATOR';
export const APPROVER = 'U2APPROVER';
export const CHANNEL = 'C1STORAGE';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;

/** Both programs as they are shipped, between a simulated site and a simulated Slack. */
export interface Product extends AsyncDisposable {
  readonly site: LabSite;
  readonly slack: LabSlack;
  /** Starts the bot and waits until Slack reaches it. */
  readonly boot: () => Promise<BotProcess>;
  /** Starts the bot where it cannot work, and waits for its end. */
  readonly bootInVain: (...words: string[]) => Promise<Ended>;
  /** Runs `storagebot` with these words. */
  readonly storagebot: (...words: string[]) => Promise<Ended>;
  /** Every change that reached a host or the API server so far. */
  readonly changes: () => readonly string[];
}

export interface BotProcess {
  /** Standard output and error so far. */
  readonly output: () => string;
  /** As a power cut would end it. */
  readonly kill: () => Promise<void>;
  /** As a supervisor would end it. */
  readonly stop: () => Promise<void>;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export interface ProductOptions extends Omit<LabSiteOptions, 'sections'> {
  /** Changes storagebot.yaml before anything reads it. */
  readonly configure?: (file: ConfigAsWritten) => void;
  /** Channels beside the one that every product has. */
  readonly channels?: readonly LabChannel[];
  readonly approverName?: string;
  /** More environment for both programs. */
  readonly env?: Readonly<Record<string, string>>;
  /** A module that both programs load before their own. */
  readonly preload?: string;
}

export async function startProduct({ configure = () => undefined, ...options }: ProductOptions): Promise<Product> {
  const { channels = [], approverName = 'approver', env = {}, preload } = options;
  const slack = await startLabSlack({
    users: [
      { id: OPERATOR, name: 'operator', label: 'Operator' },
      { id: APPROVER, name: approverName, label: 'Approver' },
    ],
    channels: [{ id: CHANNEL, name: 'storage' }, ...channels],
  });
  const site = await startLab({ ...options, sections: await sections(slack) });
  const written: ConfigAsWritten = parse(site.configText);
  configure(written);
  await writeFile(site.configPath, stringify(written));
  const children = new Set<ChildProcess>();
  const run = (program: string, words: readonly string[]) =>
    start(program, words, { site, slack, children, env, ...(preload === undefined ? {} : { preload }) });
  return {
    site,
    slack,
    boot: async () => {
      const bot = run(MAIN, []);
      await untilReached(slack, bot);
      return bot;
    },
    bootInVain: async (...words) => run(MAIN, words).ended,
    storagebot: async (...words) => run(CLI, words).ended,
    changes: () => [
      ...site.world.executed,
      ...site.kubernetes.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`),
    ],
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([site.stop(), slack.stop()]);
    },
  };
}

async function sections({ apiUrl }: LabSlack) {
  const approvers = [OPERATOR, APPROVER];
  return {
    slack: { appToken: 'env:SLACK_APP_TOKEN', botToken: 'env:SLACK_BOT_TOKEN', apiUrl },
    approval: { expiresAfter: '30m', tiers: { normal: { approvers, count: 1, selfApproval: true } } },
    http: { port: await freePort() },
  };
}

/** Below the ports that the system gives out itself, so that no server that starts meanwhile takes it. */
export async function freePort(): Promise<number> {
  const port = randomInt(20_000, 30_000);
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  return isFree ? port : freePort();
}

interface Surroundings {
  readonly site: LabSite;
  readonly slack: LabSlack;
  readonly children: Set<ChildProcess>;
  readonly env: Readonly<Record<string, string>>;
  readonly preload?: string;
}

interface Running extends BotProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function start(program: string, words: readonly string[], { site, slack, children, env, preload }: Surroundings): Running {
  const imports = preload === undefined ? [] : ['--import', preload];
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...imports, program, '--config', site.configPath, ...words],
    {
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        HOME: site.directory,
        SLACK_APP_TOKEN: slack.appToken,
        SLACK_BOT_TOKEN: slack.botToken,
        STORAGEBOT_LOG_LEVEL: 'trace',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.add(child);
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.err += text));
  const ended = once(child, 'close').then(() => {
    children.delete(child);
    return { exitCode: child.exitCode, ...printed };
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
    // What it had sent is still on its way through the sockets.
    await until('the bot is gone from Slack', () => slack.sockets === 0);
  };
  return { child, ended, output: () => printed.out + printed.err, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

async function untilReached(slack: LabSlack, { child, output }: Running): Promise<void> {
  await until('the bot listens', () => {
    if (child.exitCode !== null) throw new Error(`The bot did not start. It says:\n${output()}`);
    return slack.sockets >= 2;
  });
}

/** Waits until it is true; rejects with its name when that takes too long. */
export async function until(what: string, holds: () => boolean, withinMs = 60_000): Promise<void> {
  for (const deadline = performance.now() + withinMs; !holds(); await sleep(10)) {
    if (performance.now() > deadline) throw new Error(`It did not come true within ${withinMs / 1000} s that ${what}.`);
  }
}
