import { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';

export interface Receivers {
  /** A notification for this receiver was heard. */
  readonly heard: (receiver: string) => void;
  readonly isOwn: (receiver: string) => boolean;
  /** False until the first notification. */
  readonly areKnown: () => boolean;
}

export interface ReceiversOptions {
  readonly memory: Memory;
  readonly log: { readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void };
}

const MEMORY = 'receivers';
/** More than any site has. */
const MOST = 100;

/** The receivers of Alertmanager of which the bot hears: its API shows the alerts of all others too. */
export function createReceivers({ memory, log }: ReceiversOptions): Receivers {
  const own = new Set(z.array(z.string()).parse(memory.recall(MEMORY) ?? []));
  return {
    heard(receiver) {
      if (receiver === '' || own.has(receiver) || own.size >= MOST) return;
      own.add(receiver);
      try {
        memory.remember(MEMORY, [...own]);
      } catch (error) {
        // Whoever takes in alerts must not fail because of this; it is heard again, at the latest after a restart.
        log.warn({ receiver, reason: messageOf(error) }, 'it could not be written down of which receivers alerts are heard');
      }
    },
    isOwn: (receiver) => own.has(receiver),
    areKnown: () => own.size > 0,
  };
}
