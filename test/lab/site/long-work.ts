import { controlJobs, type JobScript } from '../kubernetes/jobs.ts';
import type { KubeObject, ObjectStore } from '../kubernetes/store.ts';
import type { Answer } from './shell.ts';
import type { Timeline } from './time.ts';
import type { World } from './world.ts';

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
  /** What the pod of this Job does, where the lab knows its script. */
  scriptOf: (job: KubeObject) => Partial<JobScript>;
}

export function newLongWork(store: ObjectStore, time: Timeline): LongWork {
  const work: LongWork = { runsMs: 300_000, exitCode: 0, says: '', units: new Map(), scriptOf: () => ({}) };
  const clock = {
    get nowMs() {
      return time.nowMs;
    },
    after: (delayMs: number, run: () => void) => time.after(delayMs, run),
  };
  controlJobs(store, clock, (job) => ({ ...(work.exitCode === 0 ? work.scriptOf(job) : {}), ...withoutScript(work) }));
  return work;
}

function withoutScript({ runsMs, exitCode }: LongWork): JobScript {
  return { runsMs, exitCode };
}

/** Lets the program do what it does when its time has passed, unless it was stopped; how that ends is then how the work ends. */
export function endLater({ longWork: { units }, time }: Pick<World, 'longWork' | 'time'>, key: string, run: () => Answer): void {
  const began = units.get(key);
  if (began === undefined || began.exitCode !== 0 || began.runsMs > began.limitMs) return;
  time.after(began.runsMs, () => {
    if (units.get(key) !== began) return;
    const { exitCode, stderr } = run();
    // A program that the lab does not have ends as the work was to end.
    if (exitCode !== 0 && exitCode !== 127) units.set(key, { ...began, exitCode, says: stderr });
  });
}
