import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../log.ts';
import { isAway, type SlackConnection } from '../slack/connection/index.ts';

export interface SlackSessionOptions {
  readonly first: SlackConnection;
  /** Another one with all its listeners, not started yet. */
  readonly open: () => SlackConnection;
  /** Whether the bot has work that needs no Slack: then it goes on while Slack cannot be reached at its start. */
  readonly mayWait: boolean;
  readonly log: Log;
  readonly firstPauseMs?: number;
}

export interface SlackSession {
  /** Resolves when Slack can reach us, or when that is tried again and again. Rejects where it is of no use to go on. */
  readonly start: () => Promise<void>;
  readonly ready: () => boolean;
  readonly stop: () => Promise<void>;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/** The connection to Slack over the life of the bot: once it is there, it comes back by itself. */
export function createSlackSession(options: SlackSessionOptions): SlackSession {
  const { first, open, mayWait, log, firstPauseMs = FIRST_PAUSE_MS } = options;
  let current = first;
  const stopping = new AbortController();
  const again = async () => {
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      current = open();
      try {
        return await current.start();
      } catch (error) {
        log.error({ reason: messageOf(error) }, 'Slack still cannot be used; it is tried again');
      }
    }
  };
  return {
    async start() {
      try {
        await current.start();
      } catch (error) {
        if (!mayWait || !isAway(error)) throw error;
        log.error({ reason: messageOf(error) }, 'Slack cannot be reached: alerts are taken in, and Slack is tried again');
        void again();
      }
    },
    ready: () => current.ready(),
    stop: () => (stopping.abort(), current.stop()),
  };
}
