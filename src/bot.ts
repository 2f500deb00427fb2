import { registerHandlers } from '../handlers/index.ts';
import { registerRefusals } from '../handlers/unusable.ts';
import { createMembersOf } from './app/group-members.ts';
import { resolveAll } from './app/secrets.ts';
import { type App, type AppOptions, createApp } from './app.ts';
import { approversThatCount } from './approval/entries.ts';
import { AuditUnusable } from './audit/index.ts';
import type { Config } from './config/schema.ts';
import type { Secrets } from './config/secrets.ts';
import type { Targets } from './core/ports.ts';
import type { Runbook } from './core/runbook.ts';
import { type Health, serveHealth } from './health.ts';
import type { Log } from './log.ts';
import { createClean } from './redaction/index.ts';
import { connectSlack, type SlackConnection } from './slack/connection/index.ts';
import { createSlackReporter } from './slack/connection/reporter.ts';
import { StateDamaged, StoreUnusable } from './store/keeping-errors.ts';

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
  /** False where its state cannot be relied on: then it only says so. */
  readonly usable: boolean;
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
    let standing: Standing = { obstacles: () => ['The state is being looked at.'], notices: () => [] };
    const health = await serveHealth({
      ...config.http,
      notReady: () => [...(slack.ready() ? [] : ['Slack is not connected.']), ...standing.obstacles()],
      notices: () => standing.notices(),
    });
    closing.push(health.close);
    const app = await appOrWhyNot(config, { ...options, ...slackParts(config, slack, options) });
    if ('engine' in app) closing.push(app.close);
    closing.push(slack.stop);
    standing = listen(slack, app, { config, ...options });
    await slack.start();
    return { health, usable: 'engine' in app, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What keeps the bot from changing anything, and what else needs a person, one sentence each. */
interface Standing {
  readonly obstacles: () => readonly string[];
  readonly notices: () => readonly string[];
}

type Unusable = StateDamaged | StoreUnusable | AuditUnusable;

/** A state that cannot be relied on ends nothing: people must hear of it where they ask. */
async function appOrWhyNot(config: Config, options: AppOptions): Promise<App | Unusable> {
  try {
    return await createApp(config, options);
  } catch (error) {
    if (error instanceof StateDamaged || error instanceof StoreUnusable || error instanceof AuditUnusable) return error;
    throw error;
  }
}

function listen(
  { app: bolt }: SlackConnection,
  app: App | Unusable,
  { config, runbooks, secrets, log }: BotOptions & { readonly config: Config },
): Standing {
  const channels = config.slack?.channels;
  const allowed = channels === undefined ? {} : { allowedChannels: channels };
  if ('engine' in app) {
    registerHandlers(bolt, { engine: app.engine, runbooks, log, clean: createClean(secrets.known), ...allowed });
    return { obstacles: app.obstacles, notices: app.notices };
  }
  const says = app.message;
  log.fatal({ code: app.code }, says);
  registerRefusals(bolt, { says, ...allowed });
  return { obstacles: () => [says], notices: () => [] };
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
  const approvers = {
    normal: approversThatCount(tiers.normal),
    high: approversThatCount(tiers.high),
    destructive: approversThatCount(tiers.destructive),
  };
  return {
    reporter: (messages) => createSlackReporter({ client, messages, log, approvers }),
    membersOf: createMembersOf(app.client),
  };
}
