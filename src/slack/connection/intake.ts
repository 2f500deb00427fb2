import { messageOf } from '../../core/errors.ts';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';
import { wordsModal } from '../modals.ts';
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
  /** Says something to the person whose request this body is. */
  readonly say: (body: Record<string, unknown>, text: string) => Promise<void>;
  /** Slack gives up after 3 s. */
  readonly watchdogMs?: number;
}

const WATCHDOG_MS = 2_500;
const STILL_WORKING = 'Still working on it. The answer follows here.';
const STOPPING = 'The bot is being restarted, so nothing was started. Ask again in a minute.';
const UNKNOWN = 'I do not know this command, button or window. `/storage help` lists what I can do.';

export function createIntake({ watchdogMs = WATCHDOG_MS, ...options }: IntakeOptions): Intake {
  const { log, process } = options;
  const seen = createSeen(DUPLICATE_FOR_MS);
  const answered = new WeakSet<object>();
  const working = new Set<Promise<void>>();
  let closed = false;

  const work = async (envelope: Envelope) => {
    const answer = answerOnce(envelope, options);
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
      if (closed) return answerOnce(envelope, options).withWords(STOPPING);
      if (!seen.isNew(identitiesOf(envelope))) return answerOnce(envelope, options).ack();
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
function answerOnce(envelope: Envelope, { log, say }: Pick<IntakeOptions, 'log' | 'say'>) {
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
    async withWords(text: string) {
      if (state.given) return;
      const response = carrying(envelope, text);
      await ack(response);
      if (response !== undefined || kindOf(envelope.body) === 'other') return;
      await say(envelope.body, text).catch((error: unknown) => {
        log.warn({ envelope: envelope.id, reason: safeMessage(messageOf(error)) }, 'a person could not be answered');
      });
    },
  };
}

/** The acknowledgement that shows these words; undefined where an acknowledgement can carry none. */
function carrying({ body }: Envelope, text: string): unknown {
  switch (kindOf(body)) {
    case 'command':
      return { response_type: 'ephemeral', text };
    case 'submission':
      return { response_action: 'update', view: wordsModal(text) };
    default:
      return undefined;
  }
}
