import type { AlertStore, NewDelivery } from '../core/alert-ports.ts';
import { messageOf } from '../core/errors.ts';

/** `kept`: on disk, and not lost from then on. `busy`: to be sent again. `unreadable`: sending it again does not help. */
export type Accepted =
  | { readonly kind: 'kept' }
  | { readonly kind: 'busy'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string };

export interface IntakeLog {
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

/** Of what was kept and not taken in yet. */
export interface Limits {
  readonly deliveries: number;
  readonly bytes: number;
}

interface CommitsOptions {
  readonly store: Pick<AlertStore, 'addDeliveries' | 'backlog'>;
  readonly limits: Limits;
  readonly log: IntakeLog;
  /** Called after each commit. */
  readonly committed: () => void;
}

interface Waiting {
  readonly delivery: NewDelivery;
  readonly done: (accepted: Accepted) => void;
}

/** What comes within this time shares one wait for the disk. */
const GATHER_MS = 5;

/** Writes deliveries down, those of one moment in one transaction. */
export function createCommits({ store, limits, log, committed }: CommitsOptions) {
  let waiting: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const commit = (): void => {
    const batch = waiting;
    waiting = [];
    timer = undefined;
    try {
      const room = roomIn(store, limits);
      const fits = batch.map(({ delivery }) => room(delivery));
      store.addDeliveries(batch.filter((_, index) => fits[index]).map(({ delivery }) => delivery));
      for (const [index, { done }] of batch.entries()) done(fits[index] === true ? { kind: 'kept' } : FULL);
      committed();
    } catch (error) {
      log.error({ error }, 'alerts could not be written down');
      for (const { done } of batch) done({ kind: 'busy', why: `it could not be written down: ${messageOf(error)}` });
    }
  };
  return {
    add: (delivery: NewDelivery): Promise<Accepted> => {
      const { promise, resolve } = Promise.withResolvers<Accepted>();
      waiting.push({ delivery, done: resolve });
      timer ??= setTimeout(commit, GATHER_MS);
      return promise;
    },
    /** Writes down what waits. */
    flush: (): void => {
      clearTimeout(timer);
      if (waiting.length > 0) commit();
    },
  };
}

const FULL: Accepted = { kind: 'busy', why: 'too much that came before has not been taken in yet' };

/** Tells of one delivery after the other whether it fits on top of those before. */
function roomIn({ backlog }: Pick<AlertStore, 'backlog'>, limits: Limits): (delivery: NewDelivery) => boolean {
  let { deliveries, bytes } = backlog();
  return ({ body }) => {
    if (deliveries + 1 > limits.deliveries || bytes + body.length > limits.bytes) return false;
    deliveries += 1;
    bytes += body.length;
    return true;
  };
}
