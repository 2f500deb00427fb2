import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabSite } from '../site/lab.ts';
import type { LabSlack } from '../slack/index.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
/** What callers of its webhook must show. */
export const ALERTS_TOKEN = 'token-of-the-demo';
const READY_WITHIN_MS = 30_000;

/** The bot as it is shipped: a process of its own, which can be ended and started again on the same state. */
export class BotProcess {
  readonly #site: LabSite;
  readonly #slack: LabSlack;
  readonly #logPath: string;
  #child: ChildProcess | undefined;

  constructor(site: LabSite, slack: LabSlack) {
    this.#site = site;
    this.#slack = slack;
    this.#logPath = join(site.directory, 'storagebot.log');
  }

  /** Resolves when both of its sockets listen. */
  async start(): Promise<void> {
    const { appToken, botToken } = this.#slack;
    const { directory, configPath } = this.#site;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, '--config', configPath], {
      env: { PATH: process.env['PATH'], HOME: directory, SLACK_APP_TOKEN: appToken, SLACK_BOT_TOKEN: botToken, ALERTS_TOKEN },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const log = createWriteStream(this.#logPath, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    await this.#untilListening(child);
  }

  /** As a supervisor does it: what is being applied ends first. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** As a power cut does it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
    while (this.#slack.sockets > 0) await pause();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async #untilListening(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (this.#slack.sockets < 2) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`The bot did not start. Its log says:\n${await readFile(this.#logPath, 'utf8')}`);
      }
      await pause();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
