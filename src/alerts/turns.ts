/** Whether there is more to do at once. */
export type Turn = () => boolean | Promise<boolean>;

export interface TurnsOptions {
  /** Rejects or throws when it is to be tried again later. */
  readonly turn: Turn;
  readonly failed: (error: unknown) => void;
  /** Before each turn: what comes meanwhile shares it. */
  readonly gatherMs: number;
  /** After a turn there is none for so many times as long as it took. */
  readonly rest?: { readonly times: number; readonly mostMs: number };
  readonly retryMs: { readonly first: number; readonly most: number };
}

export interface Turns {
  /** There may be something to do. */
  readonly look: () => void;
  readonly start: () => void;
  /** Resolves when no turn runs any more. */
  readonly stop: () => Promise<void>;
}

/** Takes one turn after the other while there is something to do, and lets everybody else do something in between. */
export function createTurns({ turn, failed, gatherMs, rest = NO_REST, retryMs }: TurnsOptions): Turns {
  let isOn = false;
  let running: Promise<void> | undefined;
  let isWanted = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let waitMs = retryMs.first;
  let restMs = 0;
  const pause = createPause();
  const work = async (): Promise<void> => {
    while (isOn && isWanted) {
      isWanted = false;
      await pause.for(Math.max(gatherMs, restMs));
      if (!isOn) break;
      const began = performance.now();
      try {
        if (await turn()) isWanted = true;
        waitMs = retryMs.first;
        restMs = Math.min(rest.mostMs, rest.times * (performance.now() - began));
      } catch (error) {
        failed(error);
        if (isOn) retry ??= setTimeout(again, waitMs).unref();
        waitMs = Math.min(waitMs * 2, retryMs.most);
        break;
      }
    }
    running = undefined;
  };
  const look = (): void => {
    isWanted = true;
    if (isOn && retry === undefined) running ??= work();
  };
  const again = (): void => {
    retry = undefined;
    look();
  };
  return {
    look,
    start: () => {
      isOn = true;
      look();
    },
    stop: async () => {
      isOn = false;
      clearTimeout(retry);
      retry = undefined;
      pause.end();
      await running;
    },
  };
}

const NO_REST = { times: 0, mostMs: 0 };

interface Pause {
  readonly for: (ms: number) => Promise<void>;
  /** Whoever waits goes on. */
  readonly end: () => void;
}

function createPause(): Pause {
  let end = (): void => undefined;
  return {
    for: (ms) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      end = () => {
        clearTimeout(timer);
        resolve();
      };
      return promise;
    },
    end: () => end(),
  };
}
