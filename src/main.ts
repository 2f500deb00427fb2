import { parseArgs } from 'node:util';
import { runbooks } from '../runbooks/index.ts';
import { openSecrets } from './app/secrets.ts';
import { type Bot, startBot } from './bot.ts';
import { buildVersion } from './build-version.ts';
import { DEFAULT_CONFIG } from './cli/request.ts';
import { loadConfig } from './config/config.ts';
import { messageOf } from './core/errors.ts';
import { createLog, type Log } from './log.ts';
import { type Clean, cleanText, createClean } from './redaction/index.ts';

/** Long enough for the longest change and its verification; the supervisor must wait longer than this before it kills. */
const DRAIN_WITHIN_MS = 120_000;

/** Takes secrets out of why it cannot start: those that were read until then, too. */
const lastWords: { clean: Clean } = { clean: cleanText };

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  const config = await loadConfig(values.config ?? process.env['STORAGEBOT_CONFIG'] ?? DEFAULT_CONFIG);
  const secrets = openSecrets(config);
  lastWords.clean = createClean(secrets.known);
  const log = createLog({ secrets: secrets.known, level: process.env['STORAGEBOT_LOG_LEVEL'] ?? 'info' });
  process.once('uncaughtException', (error, origin) => endAfter(log, { err: error, origin }));
  const version = await buildVersion();
  const bot = await startBot(config, { runbooks, secrets, buildVersion: version, log });
  log.info(
    { version, health: `${config.http.address}:${bot.health.port}`, runbooks: runbooks.map(({ id }) => id) },
    bot.usable ? 'storagebot is ready' : 'storagebot answers in Slack that it can do nothing',
  );
  process.once('SIGTERM', (signal) => drain(bot, log, signal)).once('SIGINT', (signal) => drain(bot, log, signal));
}

/** As Node ends after what nobody caught, but through the log: an error of a library may carry our tokens. */
function endAfter(log: Log, uncaught: { readonly err: Error; readonly origin: string }): void {
  log.fatal(uncaught, 'storagebot ends after an error that nothing handles; what was begun is looked at again at the next start');
  process.exit(1);
}

/** The process ends by itself once nothing is left to do. */
function drain(bot: Bot, log: Log, signal: NodeJS.Signals): void {
  log.info({ signal }, 'stopping: nothing new is taken, and what is being applied ends first');
  setTimeout(() => {
    log.error({ afterMs: DRAIN_WITHIN_MS }, 'stopping takes too long; what was begun is looked at again at the next start');
    process.exit(1);
  }, DRAIN_WITHIN_MS).unref();
  bot.close().then(
    () => log.info('stopped'),
    (error: unknown) => {
      log.error({ err: error }, 'stopping failed');
      process.exitCode = 1;
    },
  );
}

try {
  await main();
} catch (error) {
  process.stderr.write(`storagebot cannot start. ${lastWords.clean(messageOf(error))}\n`);
  process.exitCode = 1;
}
