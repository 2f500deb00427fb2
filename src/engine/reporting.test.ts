import { expect, test } from 'vitest';
import type { Store } from '../store/store.ts';
import { operator, origin } from './fixtures/harness.ts';
import { createReporting } from './reporting.ts';

test('a transition in the very moment in which a report ends is shown too', async () => {
  const run = { id: 'r', requester: operator, origin, revision: 1, reported: 0 };
  const shown: number[] = [];
  const store = {
    run: () => {
      if (run.revision === 1 && run.reported === 1) queueMicrotask(transition);
      return run;
    },
    markReported: (_run: string, revision: number) => void (run.reported = revision),
  } as unknown as Store;
  const reporting = createReporting({
    store,
    show: async () => void shown.push(run.revision),
    log: { warn: () => undefined, error: () => undefined },
    boundary: () => undefined,
  });
  function transition() {
    run.revision = 2;
    reporting.nudge('r');
  }
  reporting.nudge('r');
  await expect.poll(() => shown).toEqual([1, 2]);
  await reporting.stop();
});
