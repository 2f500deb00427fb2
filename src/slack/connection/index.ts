import { App } from '@slack/bolt';
import { WebAPIPlatformError, type WebClientOptions } from '@slack/web-api';
import { messageOf } from '../../core/errors.ts';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';
import { boltLogger } from './bolt-logger.ts';
import type { SlackClient } from './client.ts';
import type { SocketReceiver } from './receiver.ts';
import { createSocketReceiver, SlackUnreachable } from './receiver.ts';
import { tell } from './tell.ts';
import { createWebSlackClient } from './web-client.ts';
import { within } from './within.ts';

export { SlackUnreachable } from './receiver.ts';

export interface SlackOptions {
  readonly appToken: string;
  readonly botToken: string;
  /** With a slash at its end. */
  readonly apiUrl: string;
  readonly log: Log;
  readonly startTimeoutMs?: number;
  /** How long a stop waits for requests that are being worked on. */
  readonly drainMs?: number;
}

export interface SlackConnection {
  /** Register listeners here before the start. */
  readonly app: App;
  /** For the reporter. It waits on its own, so progress never delays an answer. */
  readonly client: SlackClient;
  /** Resolves when Slack can reach us. Rejects with `SlackRefused` or `SlackUnreachable`; may then be called on a new connection. */
  readonly start: () => Promise<void>;
  readonly ready: () => boolean;
  /** Takes no more requests, lets the present ones end, then closes. */
  readonly stop: () => Promise<void>;
}

/** The bot token is not accepted, or Slack does not answer at all. */
export class SlackRefused extends Error {
  override readonly name = 'SlackRefused';
  readonly code = 'SLACK_REFUSED';
}

/** What Slack answers when something is wrong with itself. */
const OWN_FAULTS = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited'];

/** Whether this error of a start may be over later: Slack did not answer, or has not refused anything. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof SlackRefused || error instanceof SlackUnreachable)) return false;
  return !(error.cause instanceof WebAPIPlatformError) || OWN_FAULTS.includes(error.cause.data.error);
}

const CALL_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 30_000;
const DRAIN_MS = 5_000;

/** An app of this workspace, not started yet. */
export function connectSlack(options: SlackOptions): SlackConnection {
  const { appToken, botToken, log, drainMs = DRAIN_MS } = options;
  const logger = boltLogger(log);
  const receiver = createSocketReceiver({
    log,
    drainMs,
    socket: () => ({ appToken, logger, clientOptions: { ...clientOptions(options), retryConfig: { retries: 0 } } }),
  });
  const app = new App({
    token: botToken,
    receiver,
    logger,
    clientOptions: clientOptions(options),
    deferInitialization: true,
    extendedErrorHandler: true,
    convoStore: false,
  });
  app.error(({ error, body }: Failed) => explainFailure({ app, receiver, log }, error, body));
  return {
    app,
    client: createWebSlackClient(botToken, { ...clientOptions(options), logger }),
    start: () => start(app, receiver, options.startTimeoutMs ?? START_TIMEOUT_MS),
    ready: receiver.ready,
    stop: receiver.stop,
  };
}

/** A fresh object for each client, because clients write into it. */
function clientOptions({ apiUrl }: SlackOptions): WebClientOptions {
  return {
    slackApiUrl: apiUrl,
    timeout: CALL_TIMEOUT_MS,
    retryConfig: { retries: 2, factor: 2, minTimeout: 500 },
    // Bolt answers to a response URL with this function, and sets no deadline of its own there.
    fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(CALL_TIMEOUT_MS) }),
  };
}

async function start(app: App, receiver: SocketReceiver, timeoutMs: number): Promise<void> {
  const steps = async () => {
    await app.init().catch((error: unknown) => {
      throw new SlackRefused(
        `Slack does not accept the bot: ${safeMessage(messageOf(error))}. Check slack.botToken and the network.`,
        { cause: error },
      );
    });
    await app.start();
  };
  try {
    await within(timeoutMs, steps(), new SlackRefused(`Slack did not answer within ${timeoutMs / 1000} s.`));
  } catch (error) {
    await receiver.stop();
    throw error;
  }
}

const FAILED = 'Something went wrong inside the bot; its log says what. Look at the messages of the run before you try again.';

interface Failed {
  readonly error: Error;
  readonly body: unknown;
}

interface Parts {
  readonly app: App;
  readonly receiver: SocketReceiver;
  readonly log: Log;
}

/** Every failure of a listener becomes a line in the log and words to the person. */
async function explainFailure({ app, receiver, log }: Parts, error: Error, body: unknown): Promise<void> {
  log.error({ reason: safeMessage(messageOf(error)) }, 'a listener failed');
  if (typeof body === 'object' && body !== null) receiver.intake.answered(body);
  try {
    await tell(app.client, body, FAILED);
  } catch (failure) {
    log.error({ reason: safeMessage(messageOf(failure)) }, 'the person could not be told of the failure');
  }
}
