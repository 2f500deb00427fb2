import { Refusal } from '../core/errors.ts';
import type { RunView } from '../core/run.ts';

export interface Settling {
  readonly changed: (run: string) => void;
  /** Resolves once the run is finished, broken, or waits for a decision. */
  readonly settled: (run: string) => Promise<RunView>;
  readonly stop: () => void;
}

export function createSettling(view: (run: string) => Promise<RunView | undefined>): Settling {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const nextChange = (run: string) => {
    const change = waiting.get(run) ?? Promise.withResolvers<void>();
    waiting.set(run, change);
    return change.promise;
  };
  const changed = (run: string) => {
    waiting.get(run)?.resolve();
    waiting.delete(run);
  };
  return {
    changed,
    async settled(run) {
      for (;;) {
        const change = nextChange(run);
        const now = await view(run);
        if (now === undefined) throw new Refusal('not-found', `There is no run ${run}.`);
        if (now.status === 'finished' || now.status === 'broken') waiting.delete(run);
        if (now.status !== 'looking' && now.status !== 'applying') return now;
        await change;
      }
    },
    stop() {
      for (const { promise, reject } of waiting.values()) {
        promise.catch(() => undefined);
        reject(new Error('The bot is being stopped'));
      }
    },
  };
}
