import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryContext } from './delivery.ts';

export interface UpdatePace {
  /** Least time between two updates of one message. */
  readonly everyMs: number;
  /** Least time between two updates of any of these messages: Slack counts all updates of the app together. */
  readonly spacingMs?: number;
}

/** Waits between two updates of one message, and gives up when a newer state is there to be sent in its place. */
export function createUpdateTurns(
  { everyMs, spacingMs = 0 }: UpdatePace,
  versionOf: (run: string) => number | undefined,
): DeliveryContext['updateTurn'] {
  const freeAt = new Map<string, number>();
  let anyFreeAt = 0;
  return async ({ channel, ts }, run) => {
    const version = versionOf(run);
    const key = `${channel} ${ts}`;
    const waitMs = () => Math.max(freeAt.get(key) ?? 0, anyFreeAt) - performance.now();
    for (let left = waitMs(); left > 0; left = waitMs()) await sleep(left);
    if (versionOf(run) !== version) return false;
    const now = performance.now();
    for (const [other, at] of freeAt) if (at <= now) freeAt.delete(other);
    freeAt.set(key, now + everyMs);
    anyFreeAt = now + spacingMs;
    return true;
  };
}
