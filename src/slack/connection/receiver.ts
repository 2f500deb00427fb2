import type { App, Receiver } from '@slack/bolt';
import type { SocketModeOptions } from '@slack/socket-mode';
import { messageOf } from '../../core/errors.ts';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';
import type { Envelope } from './envelope.ts';
import { envelopeOf } from './envelope.ts';
import type { Intake } from './intake.ts';
import { createIntake } from './intake.ts';
import type { Link } from './link.ts';
import { createLink } from './link.ts';
import { tell } from './tell.ts';

export interface SocketReceiver extends Receiver {
  readonly intake: Intake;
  /** Whether Slack can reach us now. */
  readonly ready: () => boolean;
  readonly stop: () => Promise<void>;
}

export interface SocketReceiverOptions {
  readonly log: Log;
  /** Asked for each connection: the client changes the options that it gets. */
  readonly socket: () => SocketModeOptions;
  readonly drainMs: number;
}

/** Slack renews each connection every few hours; while one is being renewed, the other one listens. */
const LINKS = ['first', 'second'] as const;

/** Bolt's side of two Socket Mode connections to one app. */
export function createSocketReceiver({ log, socket, drainMs }: SocketReceiverOptions): SocketReceiver {
  const state: { app?: App; links: readonly Link[]; stopped: boolean } = { links: [], stopped: false };
  const intake = createIntake({
    log,
    process: async (envelope) => state.app?.processEvent(eventOf(envelope)),
    say: async (body, text) => (state.app === undefined ? undefined : tell(state.app.client, body, text)),
  });
  const onEnvelope = (raw: unknown) => {
    const envelope = envelopeOf(raw);
    if (envelope === undefined) log.warn({}, 'Slack sent something that is not an envelope');
    else void intake.take(envelope);
  };
  return {
    intake,
    init(app) {
      state.app = app;
    },
    async start() {
      if (state.stopped) throw new SlackUnreachable('The connection was stopped before it was open.');
      state.links = LINKS.map((name) => createLink({ name, log, onEnvelope, socket: socket() }));
      await Promise.any(state.links.map(({ firstAttempt }) => firstAttempt)).catch((error: unknown) => {
        for (const link of state.links) link.stop();
        throw reasonOf(error);
      });
    },
    ready: () => state.links.some(({ connected }) => connected),
    async stop() {
      state.stopped = true;
      intake.close();
      if (!(await intake.drain(drainMs)))
        log.warn({ drainMs }, 'requests from Slack were still being worked on when the connection closed');
      for (const link of state.links) link.stop();
    },
  };
}

export class SlackUnreachable extends Error {
  override readonly name = 'SlackUnreachable';
  readonly code = 'SLACK_UNREACHABLE';
}

function reasonOf(error: unknown): SlackUnreachable {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return new SlackUnreachable(
    `Slack opens no Socket Mode connection: ${safeMessage(messageOf(first))}. Check slack.appToken and the network.`,
    { cause: first },
  );
}

function eventOf({ id, body, ack, retryNum, retryReason }: Envelope) {
  const retry = { ...(retryNum === undefined ? {} : { retryNum }), ...(retryReason === undefined ? {} : { retryReason }) };
  return { body, ack, customProperties: { envelopeId: id }, ...retry };
}
