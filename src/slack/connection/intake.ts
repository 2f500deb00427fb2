import { messageOf } from '../../core/errors.ts';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';
import type { Envelope } from './envelope.ts';
import { identitiesOf, kindOf } from './envelope.ts';
import { createSeen, DUPLICATE_FOR_MS } from './seen.ts';

/** What Slack asked of us, being worked on. */
export interface Intake {
  /** Hands one envelope on, unless it was here before; makes sure that Slack gets its acknowledgement in time. Never rejects. */
  readonly take: (envelope: Envelope) => Promise<void>;
  /** The listener for this body failed and the person was told, so no other words are needed. */
  readonly answered: (body: object) => void;
  /** From now on everything new is refused in words. */
  readonly close: () => void;
  /** Waits for what is being worked on; false when it takes longer. */
  readonly drain: (withinMs: number) => Promise<boolean>;
}

export interface IntakeOptions {
  readonly log: Log;
  readonly process: (envelope: Envelope) => Promise<void>;
  /** Slack gives up after 3 s. */
  readonly watchdogMs?: number;
}

const WATCHDOG_MS = 2_500;
const STILL_WORKING = 'Still working on it. The answer follows here.';
const STOPPING = 'The bot is being restarted, so nothing was started. Ask again in a minute.';
const UNKNOWN = 'I do not know this command or button. `/storage help` lists what I can do.';

export function createIntake({ log, process, watchdogMs = WATCHDOG_MS }: IntakeOptions): Intake {
  const seen = createSeen(DUPLICATE_FOR_MS);
  const answered = new WeakSet<object>();
  const working = new Set<Promise<void>>();
  let closed = false;

  const work = async (envelope: Envelope) => {
    const answer = answerOnce(envelope, log);
    const watchdog = setTimeout(() => {
      log.warn({ kind: kindOf(envelope.body), envelope: envelope.id }, 'a listener did not acknowledge in time');
      void answer.withWords(STILL_WORKING);
    }, watchdogMs);
    try {
      await process({ ...envelope, ack: answer.ack });
    } catch (error) {
      log.error({ envelope: envelope.id, reason: safeMessage(messageOf(error)) }, 'a request from Slack was not processed');
    }
    clearTimeout(watchdog);
    if (answer.given) return;
    if (answered.has(envelope.body)) return answer.ack();
    log.warn({ kind: kindOf(envelope.body), envelope: envelope.id }, 'no listener answers this request from Slack');
    await answer.withWords(UNKNOWN);
  };

  return {
    async take(envelope) {
      if (closed) return answerOnce(envelope, log).withWords(STOPPING);
      if (!seen.isNew(identitiesOf(envelope))) return answerOnce(envelope, log).ack();
      const job = work(envelope);
      working.add(job);
      await job.finally(() => working.delete(job));
    },
    answered: (body) => void answered.add(body),
    close() {
      closed = true;
    },
    async drain(withinMs) {
      const { promise: late, resolve } = Promise.withResolvers<false>();
      const timer = setTimeout(() => resolve(false), withinMs);
      const done = Promise.all(working).then(() => true as const);
      return Promise.race([done, late]).finally(() => clearTimeout(timer));
    },
  };
}

/** An acknowledgement that is sent once; a failure to send it is logged, because the person then sees Slack's own error. */
function answerOnce(envelope: Envelope, log: Log) {
  const state = { given: false };
  const ack = async (response?: unknown) => {
    if (state.given) return;
    state.given = true;
    try {
      await envelope.ack(response);
    } catch (error) {
      log.warn({ envelope: envelope.id, reason: safeMessage(messageOf(error)) }, 'an acknowledgement did not reach Slack');
    }
  };
  return {
    get given() {
      return state.given;
    },
    ack,
    /** Only the acknowledgement of a command can carry words. */
    withWords: (text: string) => ack(kindOf(envelope.body) === 'command' ? { response_type: 'ephemeral', text } : undefined),
  };
}
