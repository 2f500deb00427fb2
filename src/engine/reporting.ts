import type { Origin } from '../core/ports.ts';
import type { Store, StoredRun } from '../store/store.ts';
import type { Context } from './context.ts';

export interface Reporting {
  /** Shows the run's latest state soon. Returns at once. */
  readonly nudge: (run: string) => void;
  /** Shows nothing more; waits a short while for what is being shown. */
  readonly stop: () => Promise<void>;
}

export interface ReportingOptions extends Pick<Context, 'log' | 'boundary'> {
  readonly store: Store;
  readonly show: (run: string, origin: Origin) => Promise<void>;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 600_000;
const SHOW_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 3_000;

/** Shows one state of a run at a time, always the latest, until that one was shown: also after errors and restarts. */
export function createReporting({ store, show, log, boundary }: ReportingOptions): Reporting {
  const active = new Map<string, Promise<void>>();
  const retries = createRetries();
  let stopped = false;

  const showUntilLatest = async (run: string) => {
    for (let state = unshown(store, run); state !== undefined && !stopped; state = unshown(store, run)) {
      await within(SHOW_WITHIN_MS, show(run, state.origin));
      store.markReported(run, state.revision);
      retries.forget(run);
      boundary('reported');
    }
    // In the same turn as the last look: a transition that comes now finds nobody active and starts its own.
    active.delete(run);
  };
  const work = async (run: string) => {
    try {
      await showUntilLatest(run);
    } catch (error) {
      log.warn({ run, err: error }, 'a report was not shown; it is tried again');
      active.delete(run);
      if (!stopped) retries.later(run, nudge);
    }
  };
  const nudge = (run: string) => {
    retries.notYet(run);
    if (stopped || active.has(run)) return;
    // Starting in a microtask lets several transitions in a row be shown as one.
    active.set(run, Promise.resolve(run).then(work));
  };
  return {
    nudge,
    async stop() {
      stopped = true;
      retries.stop();
      await within(STOP_WITHIN_MS, Promise.all(active.values())).catch((error: unknown) =>
        log.warn({ err: error }, 'a report was cut short'),
      );
    },
  };
}

function unshown(store: Store, id: string): StoredRun | undefined {
  const run = store.run(id);
  return run !== undefined && run.reported < run.revision ? run : undefined;
}

function createRetries() {
  const timers = new Map<string, { timer: NodeJS.Timeout; afterMs: number }>();
  return {
    later(run: string, retry: (run: string) => void) {
      const afterMs = Math.min((timers.get(run)?.afterMs ?? FIRST_RETRY_MS / 2) * 2, LAST_RETRY_MS);
      timers.set(run, { afterMs, timer: setTimeout(retry, afterMs, run) });
    },
    notYet: (run: string) => clearTimeout(timers.get(run)?.timer),
    forget: (run: string) => timers.delete(run),
    stop() {
      for (const { timer } of timers.values()) clearTimeout(timer);
    },
  };
}

/** Rejects when the work takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It took longer than ${ms / 1000} s`)), ms);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
