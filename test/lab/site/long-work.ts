import { controlJobs } from '../kubernetes/jobs.ts';
import type { ObjectStore } from '../kubernetes/store.ts';
import type { Timeline } from './time.ts';

/** A transient unit of systemd. What it does now follows from when it began. */
export interface Unit {
  readonly beganMs: number;
  readonly runsMs: number;
  readonly limitMs: number;
  readonly exitCode: number;
  /** What it says of its progress. */
  readonly says: string;
}

/** Work that the bot starts and that goes on without it. */
export interface LongWork {
  /** How long work takes that is started from now on, how it ends, and what it says while it runs. */
  runsMs: number;
  exitCode: number;
  says: string;
  /** By machine and name. */
  readonly units: Map<string, Unit>;
}

export function newLongWork(store: ObjectStore, time: Timeline): LongWork {
  const work: LongWork = { runsMs: 300_000, exitCode: 0, says: '', units: new Map() };
  const clock = {
    get nowMs() {
      return time.nowMs;
    },
    after: (delayMs: number, run: () => void) => time.after(delayMs, run),
  };
  controlJobs(store, clock, () => work);
  return work;
}
