/** Why it proves nothing now that alerts are silent, in words; undefined where it does. Never rejects. */
export type Doubt = () => Promise<string | undefined>;

/** What Prometheus says of itself: how long it has been running, or why it could not be asked. */
export type Running = { readonly upS: number } | { readonly why: string };

export interface DoubtOptions {
  readonly ask: () => Promise<Running>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** So long after a start of Prometheus many rules fire nothing. */
  readonly rulesWaitS: number;
}

const ASKED_EVERY_MS = 30_000;

/** An answer stands for half a minute, whoever asks. */
export function createDoubt(options: DoubtOptions): Doubt {
  let last: { readonly at: number; readonly says: Promise<string | undefined> } | undefined;
  return () => {
    const now = options.clock();
    if (last === undefined || Math.abs(now - last.at) >= ASKED_EVERY_MS) last = { at: now, says: doubtOf(options) };
    return last.says;
  };
}

async function doubtOf({ ask, clock, rulesWaitS }: DoubtOptions): Promise<string | undefined> {
  const running = await ask();
  if ('why' in running) return `Prometheus could not be asked, so that silence of alerts proves nothing: ${running.why}`;
  if (running.upS >= rulesWaitS) return undefined;
  const until = new Date(clock() + (rulesWaitS - running.upS) * 1_000).toISOString().slice(11, 16);
  return `Prometheus was restarted, and many of its rules fire nothing in the first ${rulesWaitS / 60} minutes: until ${until} UTC silence of alerts proves nothing.`;
}
