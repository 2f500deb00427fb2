import { messageOf } from '../core/errors.ts';
import type { Log } from '../log.ts';

export interface SenderProblemsOptions {
  /** Shows it in Slack. */
  readonly say: (says: string) => Promise<void>;
  readonly clean: (text: string) => string;
  readonly clock: () => number;
  readonly log: Pick<Log, 'error' | 'warn'>;
}

export interface SenderProblems {
  /** Called at most once a day for each problem, as long as it is there. */
  readonly tell: (problem: string) => void;
  /** Those of which nothing says that they are over, one sentence each. */
  readonly notices: () => readonly string[];
}

/** What is still there was told anew by then. */
const KEPT_MS = 25 * 3_600_000;

/** What somebody must put right at a sender of alerts. */
export function createSenderProblems({ say, clean, clock, log }: SenderProblemsOptions): SenderProblems {
  const told = new Map<string, number>();
  return {
    tell(problem) {
      const says = clean(problem);
      told.set(says, clock());
      log.error({}, says);
      say(says).catch((error: unknown) => {
        log.warn({ reason: messageOf(error) }, 'Slack does not show what is wrong at a sender of alerts; /healthz does');
      });
    },
    notices() {
      for (const [says, at] of told) if (clock() - at >= KEPT_MS) told.delete(says);
      return [...told.keys()];
    },
  };
}
