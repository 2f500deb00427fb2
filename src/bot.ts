import { registerHandlers } from '../handlers/index.ts';
import { registerRefusals } from '../handlers/unusable.ts';
import type { AlertReporters } from './app/alerting.ts';
import { createMembersOf } from './app/group-members.ts';
import { resolveAll } from './app/secrets.ts';
import { createSlackSession, type SlackSession } from './app/slack-session.ts';
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
import { answerMessage } from './slack/answer.ts';
import { createIncidentReporter, type IncidentReporterOptions } from './slack/connection/incident-reporter.ts';
import { connectSlack, type SlackConnection } from './slack/connection/index.ts';
import { createChannelLanes } from './slack/connection/lane.ts';
import { createQuietReporter } from './slack/connection/quiet-reporter.ts';
import { createSlackReporter } from './slack/connection/reporter.ts';
import { StateDamaged, StoreUnusable } from './store/keeping-errors.ts';
import type { Store } from './store/store.ts';

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
  const connect = await slackOf(config, options);
  const slack = connect();
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const part of closing.splice(0).toReversed()) await part();
  };
  try {
    let session: SlackSession | undefined;
    let standing: Standing = { obstacles: () => ['The state is being looked at.'], notices: () => [] };
    const health = await serveHealth({
      ...config.http,
      notReady: () => [...(session?.ready() === true ? [] : ['Slack is not connected.']), ...standing.obstacles()],
      notices: () => standing.notices(),
    });
    closing.push(health.close);
    const app = await appOrWhyNot(config, { ...options, ...slackParts(config, slack, options) });
    if ('engine' in app) closing.push(app.close);
    const listening = (connection: SlackConnection) => {
      standing = listen(connection, app, { config, ...options });
      return connection;
    };
    const mayWait = 'engine' in app && app.alerting !== undefined;
    session = createSlackSession({ first: listening(slack), open: () => listening(connect()), mayWait, log: options.log });
    closing.push(session.stop);
    await session.start();
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
    const { incidents, maintenance, watch, firing } = app.alerting ?? {};
    const ofAlerts = {
      ...(incidents && { incidents }),
      ...(maintenance && { maintenance }),
      ...(watch && { watch }),
      ...(firing && { firing }),
    };
    registerHandlers(bolt, { engine: app.engine, runbooks, log, clean: createClean(secrets.known), ...allowed, ...ofAlerts });
    return { obstacles: app.obstacles, notices: app.notices };
  }
  const says = app.message;
  log.fatal({ code: app.code }, says);
  registerRefusals(bolt, { says, ...allowed });
  return { obstacles: () => [says], notices: () => [] };
}

/** Makes connections, each for one start. */
async function slackOf({ slack }: Config, { secrets, log }: BotOptions): Promise<() => SlackConnection> {
  if (slack === undefined)
    throw new NotABot(
      'The configuration has no slack section, so there is nobody to talk to. Use the storagebot command instead.',
    );
  const valueOf = await resolveAll(secrets, [slack.appToken, slack.botToken]);
  const { apiUrl } = slack;
  return () => connectSlack({ appToken: valueOf(slack.appToken), botToken: valueOf(slack.botToken), apiUrl, log });
}

function slackParts(
  { approval: { tiers }, alerts }: Config,
  { app, client }: SlackConnection,
  { log }: BotOptions,
): Pick<AppOptions, 'reporter' | 'alertReporters' | 'membersOf'> {
  const lane = createChannelLanes();
  const approvers = {
    normal: approversThatCount(tiers.normal),
    high: approversThatCount(tiers.high),
    destructive: approversThatCount(tiers.destructive),
  };
  return {
    reporter: (messages) => createSlackReporter({ client, messages, log, approvers, lane }),
    ...(alerts && { alertReporters: (store) => alertReporters(store, { client, log, lane, channel: alerts.channel }) }),
    membersOf: createMembersOf(app.client),
  };
}

function alertReporters(
  { putIncidentMessage: putMessage, getIncidentMessages: getMessages }: Store,
  options: Omit<IncidentReporterOptions, 'messages'>,
): AlertReporters {
  const { client, channel, lane } = options;
  const context = { ...options, messages: { putMessage, getMessages } };
  return {
    incident: createIncidentReporter(context),
    quiet: createQuietReporter(context),
    problem: async (says, where = { kind: 'slack', channel }) => {
      const tag = { run: 'alerts', part: 'problem' };
      await lane(where.channel).run('post', () => client.post(where, answerMessage(says), tag));
    },
  };
}
