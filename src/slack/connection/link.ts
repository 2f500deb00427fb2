import { setTimeout as sleep } from 'node:timers/promises';
import type { SocketModeOptions } from '@slack/socket-mode';
import { SocketModeClient } from '@slack/socket-mode';
import { messageOf } from '../../core/errors.ts';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';
import { within } from './within.ts';

/** One Socket Mode connection that comes back by itself. */
export interface Link {
  readonly connected: boolean;
  /** Resolves at the first connection; rejects with the reason of the first failed attempt. */
  readonly firstAttempt: Promise<void>;
  readonly stop: () => void;
}

export interface LinkOptions {
  readonly name: string;
  readonly socket: SocketModeOptions;
  readonly log: Log;
  readonly onEnvelope: (envelope: unknown) => void;
}

const CONNECT_WITHIN_MS = 15_000;
const LONGEST_PAUSE_MS = 30_000;

export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout';
  readonly code = 'CONNECT_TIMEOUT';
}

/**
 * Connects, and connects again at once after each loss. The client's own reconnecting is off: it is deaf for 5 s after
 * each refresh by Slack, never waits longer after failures, and lets a failure during it end the process.
 */
export function createLink({ name, socket, log, onEnvelope }: LinkOptions): Link {
  const client = new SocketModeClient({ ...socket, autoReconnectEnabled: false });
  const first = Promise.withResolvers<void>();
  // Whoever waits for it gets the rejection; when nobody does, it is in the log.
  first.promise.catch(() => undefined);
  const stopping = new AbortController();
  const state = { connected: false, failures: 0 };
  client.on('slack_event', onEnvelope);

  const connectOnce = async () => {
    const gone = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
    await within(CONNECT_WITHIN_MS, client.start(), new ConnectTimeout('Slack did not open the connection in time'));
    state.connected = true;
    state.failures = 0;
    first.resolve();
    log.info({ link: name }, 'connected to Slack');
    await gone;
  };
  const keepConnected = async () => {
    while (!stopping.signal.aborted) {
      try {
        await connectOnce();
      } catch (error) {
        state.failures += 1;
        first.reject(error);
        void client.disconnect();
        log.warn(
          { link: name, reason: safeMessage(messageOf(error)), failures: state.failures },
          'no connection to Slack; trying again',
        );
      }
      state.connected = false;
      await sleep(pauseMs(state.failures), undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  void keepConnected();
  return {
    get connected() {
      return state.connected;
    },
    firstAttempt: first.promise,
    stop() {
      stopping.abort();
      void client.disconnect();
    },
  };
}

function pauseMs(failures: number): number {
  return failures === 0 ? 20 : Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
}
