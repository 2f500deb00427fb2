import { messageOf } from '../core/errors.ts';

export interface KeeperParts {
  /** What it is called in words: `the file /mnt/log/anchors`. */
  readonly name: string;
  /** Takes the head as it is then. */
  readonly put: () => Promise<void>;
  /** Until an attempt counts as failed, even if it has not ended. */
  readonly deadlineMs: number;
  /** Until the next attempt after one that failed. */
  readonly retryMs: number;
}

/** Keeps one place up to date with the head: one attempt at a time, and again later where it fails. */
export interface Keeper {
  readonly anchor: () => void;
  readonly problem: () => string | undefined;
  readonly idle: () => Promise<void>;
  readonly close: () => void;
}

export function createKeeper({ name, put, deadlineMs, retryMs }: KeeperParts): Keeper {
  let working: Promise<void> | undefined;
  let wanted = false;
  let closed = false;
  let problem: string | undefined;
  let retry: NodeJS.Timeout | undefined;
  const failed = (why: string) => {
    problem = `The audit trail could not be anchored in ${name}: ${why}`;
    if (!closed) retry = setTimeout(anchor, retryMs).unref();
  };
  const work = async () => {
    while (wanted && !closed) {
      wanted = false;
      const late = setTimeout(() => void (problem = `${name} does not take the anchor of the audit trail.`), deadlineMs).unref();
      await put().then(
        () => void (problem = undefined),
        (error: unknown) => failed(messageOf(error)),
      );
      clearTimeout(late);
    }
    working = undefined;
  };
  const anchor = () => {
    clearTimeout(retry);
    wanted = true;
    // A file of a dead server may never answer: then nothing more is asked of it, so that no threads are used up.
    working ??= work();
  };
  return {
    anchor,
    problem: () => problem,
    idle: async () => working,
    close() {
      closed = true;
      clearTimeout(retry);
    },
  };
}
