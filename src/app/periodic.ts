export interface Periodic {
  readonly start: () => void;
  /** Resolves when nothing of it runs any more. */
  readonly stop: () => Promise<void>;
}

/** Does the work again and again, never twice at once. The work must not reject. */
export function createPeriodic(work: () => Promise<void>, everyMs: number): Periodic {
  let timer: ReturnType<typeof setInterval> | undefined;
  let running: Promise<void> | undefined;
  const turn = () => void (running ??= work().finally(() => (running = undefined)));
  return {
    start: () => void (timer ??= setInterval(turn, everyMs).unref()),
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
