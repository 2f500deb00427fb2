import { setTimeout as sleep } from 'node:timers/promises';
import type { KeeperLog } from './keeping-keeper.ts';
import type { Store } from './types.ts';

export interface DroppingOptions {
  readonly store: Pick<Store, 'dropOldest'>;
  /** How long after its end a run is kept whole. */
  readonly keepMs: number;
  /** Why nothing may be written now. */
  readonly problem: () => string | undefined;
  readonly log: KeeperLog;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** Keeps the state from growing without an end. */
export interface Dropping {
  /** Drops what old runs saw, soon and then each hour. */
  readonly start: () => void;
  /** Drops it now, and resolves whatever becomes of it. */
  readonly drop: () => Promise<void>;
  /** Ends after the run in hand. */
  readonly stop: () => Promise<void>;
}

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
/** A run is a transaction of milliseconds; between two the bot answers. */
const PAUSE_MS = 20;

export function createDropping({ store, keepMs, problem, log, clock = Date.now }: DroppingOptions): Dropping {
  let stopped = false;
  let last: Promise<void> = Promise.resolve();
  let timers: readonly NodeJS.Timeout[] = [];
  const work = async () => {
    let dropped = 0;
    try {
      while (!stopped && problem() === undefined && store.dropOldest(clock() - keepMs, clock()) !== undefined) {
        dropped += 1;
        await sleep(PAUSE_MS);
      }
    } catch (error) {
      log.error({ err: error }, 'what old runs saw could not be dropped; it is tried again');
    }
    if (dropped > 0) log.info({ runs: dropped }, 'what old runs saw was dropped');
  };
  const drop = () => (last = last.then(work));
  return {
    drop,
    start() {
      timers = [setTimeout(() => void drop(), FIRST_AFTER_MS), setInterval(() => void drop(), EVERY_MS)];
      for (const timer of timers) timer.unref();
    },
    async stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      await last;
    },
  };
}
