import { registerHandlers } from '../handlers/index.ts';
import { createMembersOf } from './app/group-members.ts';
import { resolveAll } from './app/secrets.ts';
import { type AppOptions, createApp } from './app.ts';
import type { Config } from './config/schema.ts';
import type { Secrets } from './config/secrets.ts';
import type { Targets } from './core/ports.ts';
import type { Runbook } from './core/runbook.ts';
import { type Health, serveHealth } from './health.ts';
import type { Log } from './log.ts';
import { connectSlack, type SlackConnection } from './slack/connection/index.ts';
import { createSlackReporter } from './slack/connection/reporter.ts';

export interface BotOptions {
  readonly runbooks: readonly Runbook[];
  readonly secrets: Secrets;
  readonly buildVersion: string;
  readonly log: Log;
  /** Instead of real ones. */
  readonly targets?: Targets;
}

export interface Bot {
  readonly health: Health;
  /** Takes nothing new, lets what is being applied end, then closes everything. */
  readonly close: () => Promise<void>;
}

/** The configuration is right and leaves out what the bot needs. */
export class NotABot extends Error {
  override readonly name = 'NotABot';
  readonly code = 'NOT_A_BOT';
}

/** Rejects with a sentence that says what keeps the bot from starting; then nothing of it runs any more. */
export async function startBot(config: Config, options: BotOptions): Promise<Bot> {
  const slack = await openSlack(config, options);
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const part of closing.splice(0).toReversed()) await part();
  };
  try {
    const health = await serveHealth({ ...config.http, notReady: () => (slack.ready() ? [] : ['Slack is not connected.']) });
    closing.push(health.close);
    const app = await createApp(config, { ...options, ...slackParts(config, slack, options) });
    closing.push(app.close, slack.stop);
    const { runbooks, log } = options;
    const allowed = config.slack?.channels;
    registerHandlers(slack.app, {
      engine: app.engine,
      runbooks,
      log,
      ...(allowed === undefined ? {} : { allowedChannels: allowed }),
    });
    await slack.start();
    return { health, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openSlack({ slack }: Config, { secrets, log }: BotOptions): Promise<SlackConnection> {
  if (slack === undefined)
    throw new NotABot(
      'The configuration has no slack section, so there is nobody to talk to. Use the storagebot command instead.',
    );
  const valueOf = await resolveAll(secrets, [slack.appToken, slack.botToken]);
  return connectSlack({ appToken: valueOf(slack.appToken), botToken: valueOf(slack.botToken), apiUrl: slack.apiUrl, log });
}

function slackParts(
  { approval: { tiers } }: Config,
  { app, client }: SlackConnection,
  { log }: BotOptions,
): Pick<AppOptions, 'reporter' | 'membersOf'> {
  const approvers = { normal: tiers.normal.approvers, high: tiers.high.approvers, destructive: tiers.destructive.approvers };
  return {
    reporter: (messages) => createSlackReporter({ client, messages, log, approvers }),
    membersOf: createMembersOf(app.client),
  };
}
