import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { parse, stringify } from 'yaml';
import type { ConfigAsWritten } from '../../../src/config/schema.ts';
import { createNotifier, type Notifier } from '../notifier.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { startLabAlertmanager } from '../site/alertmanager.ts';
import type { LabSite } from '../site/lab.ts';
import { startLab } from '../site/lab.ts';
import type { LabSlack } from '../slack/index.ts';
import { startLabSlack } from '../slack/index.ts';
import { ALERTS_TOKEN, BotProcess } from './bot.ts';
import { ALERTS, APPROVAL, WORKSPACE } from './workspace.ts';

/** A simulated site, a simulated Slack, and between them the bot with its own configuration. */
export interface Stage {
  readonly site: LabSite;
  readonly slack: LabSlack;
  readonly bot: BotProcess;
  /** The site's Alertmanager, where it tells the bot. */
  readonly notifier: Notifier;
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
  const alertmanager = await startLabAlertmanager(site.world);
  const alertsPort = await freePort();
  await addAlerts(site, { port: alertsPort, alertmanagerUrl: alertmanager.url });
  const notifier = createNotifier({
    world: site.world,
    url: `http://127.0.0.1:${alertsPort}/alertmanager`,
    token: ALERTS_TOKEN,
  });
  const startedAt = performance.now();
  const bot = new BotProcess(site, slack);
  const stop = async () => {
    await bot.stop();
    await Promise.all([site.stop(), slack.stop(), alertmanager.stop()]);
  };
  try {
    await bot.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { site, slack, bot, notifier, readyMs: Math.round(performance.now() - startedAt), stop };
}

/** Hurried, as the time of the site is. */
async function addAlerts({ configPath }: LabSite, { port, alertmanagerUrl }: { port: number; alertmanagerUrl: string }) {
  const file: ConfigAsWritten = parse(await readFile(configPath, 'utf8'));
  const times = { gatherFor: '2s', settleFor: '3s' };
  file.alerts = {
    channel: ALERTS,
    listen: { port },
    token: 'env:ALERTS_TOKEN',
    alertmanager: { url: alertmanagerUrl },
    ...times,
  };
  await writeFile(configPath, stringify(file));
}

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
