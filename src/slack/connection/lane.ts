import { setTimeout as sleep } from 'node:timers/promises';
import { SlackCallFailed } from './client.ts';

export interface Lane {
  /** Runs one call after the other. Waits and tries again where Slack says that it must come later. */
  readonly run: <T>(kind: 'post' | 'other', call: () => Promise<T>) => Promise<T>;
}

const LIMITED_TRIES = 5;
const IDLE_LANES = 500;

/** Messages that may be posted at once; after them one at a time. */
const BURST = 3;

/** One lane for each channel, for all that the bot posts: Slack takes about one message a second there. */
export function createChannelLanes(everyMs = 1_000): (channel: string) => Lane {
  const lanes = new Map<string, Lane>();
  return (channel) => {
    const known = lanes.get(channel);
    if (known !== undefined) return known;
    if (lanes.size >= IDLE_LANES) lanes.clear();
    const lane = createLane(everyMs);
    lanes.set(channel, lane);
    return lane;
  };
}

function createLane(everyMs: number): Lane {
  let last: Promise<unknown> = Promise.resolve();
  let freeAt = 0;
  const turn = async () => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now - BURST * everyMs) + everyMs;
    if (freeAt > now) await sleep(freeAt - now);
  };
  return {
    run(kind, call) {
      const result = last.then(async () => {
        if (kind === 'post') await turn();
        return patiently(call);
      });
      last = result.catch(() => undefined);
      return result;
    },
  };
}

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof SlackCallFailed) || error.failure.kind !== 'limited' || tries >= LIMITED_TRIES) throw error;
      await sleep(error.failure.retryAfterMs);
    }
  }
}
