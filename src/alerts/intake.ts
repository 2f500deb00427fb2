import type { Alert, AlertSource, EpisodeKey } from '../core/alert.ts';
import type { AlertStore } from '../core/alert-ports.ts';
import { type Asking, type AskingOptions, createAsking } from './asking.ts';
import { type Accepted, createCommits, type IntakeLog, type Limits } from './commits.ts';
import { createTurns, type Turns } from './turns.ts';
import { createReading, SENDERS, understood } from './understanding.ts';
import { notificationOf, UnreadableNotification } from './webhook-body.ts';

export type { Accepted, IntakeLog, Limits } from './commits.ts';

export interface IntakeOptions {
  readonly store: AlertStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: IntakeLog;
  /** Takes secrets out of a text before it is taken in. */
  readonly clean: (text: string) => string;
  /** Hears of episodes that began, ended or fire again, once they are in the store. */
  readonly changed: (episodes: readonly EpisodeKey[]) => void;
  /** Hears of every alert that was taken in, also where it changed nothing, and when it was received. */
  readonly heard?: (alerts: readonly Alert[], at: number) => void;
  /** Hears for which receiver of Alertmanager a notification was; '': the bot told it itself. */
  readonly heardFor?: (receiver: string) => void;
  /** Hears, each sentence once a day, of what a person must put right at the sender. */
  readonly tell?: (problem: string) => void;
  /** Absent: nobody can ask Alertmanager's API. */
  readonly ask?: NonNullable<AskingOptions['ask']>;
  /** False while that is asked in vain: what is doubtful is believed then, because nobody knows when there will be an answer. */
  readonly isAnswering?: () => boolean;
  readonly limits?: Limits;
  /** How long ended episodes are kept. */
  readonly keepMs?: number;
}

/** A notification, or that one was too large to be received. */
export type Sent =
  | { readonly source: AlertSource; readonly body: string }
  | { readonly source: AlertSource; readonly tooLarge: true };

export interface Intake {
  /** Resolves when it is on disk, or to why it is not. Rejects only where the bot itself is at fault: it is to be sent again then. */
  readonly accept: (sent: Sent) => Promise<Accepted>;
  /** Takes in what the bot found out by itself, as if Alertmanager had told it. Rejects where it is not kept. */
  readonly takeIn: (alerts: readonly Alert[]) => Promise<void>;
  /**
   * Asks Alertmanager what fires for this receiver ('': for any) and takes it in, if need be after a restart; and once more where these
   * names are not in the answer, until people are told that they are not to be found. Never throws.
   */
  readonly ask: Asking['ask'];
  /** Tells people, each sentence once a day, of what must be put right at a sender. */
  readonly tell: (problem: string) => void;
  /** Takes in what was kept before, and from then on what is accepted. */
  readonly start: () => void;
  /** What is not taken in by then stays in the store. */
  readonly stop: () => Promise<void>;
}

const LIMITS: Limits = { deliveries: 20_000, bytes: 128 * 1024 * 1024 };

export function createIntake(options: IntakeOptions): Intake {
  const { store, clock, log, limits = LIMITS } = options;
  const tell = onceADay(options);
  const asking = createAsking({ ...options, tell });
  const applier = createApplier({ ...options, tell }, asking);
  const commits = createCommits({ store, limits, log, committed: applier.look });
  const dropping = createDropping(options);
  const tooLarge = (source: AlertSource): Accepted => {
    const canAsk = source === 'alertmanager' && options.ask !== undefined;
    if (canAsk) asking.ask('');
    tell(`${SENDERS[source]} sends notifications that are too large to be taken in: ${SMALLER[source]}.${canAsk ? ASKED : ''}`);
    return { kind: 'busy', why: `it is too large: ${SMALLER[source]}` };
  };
  return {
    accept: async (sent) => {
      const { source } = sent;
      if (!('body' in sent)) return tooLarge(source);
      const why = problemOf(sent);
      if (why === undefined) return commits.add({ source, body: sent.body, at: clock() });
      tell(`A notification of ${SENDERS[source]} cannot be read and was refused: ${why}.`);
      return { kind: 'unreadable', why };
    },
    takeIn: async (alerts) => {
      const [source, at] = ['alertmanager' as const, clock()];
      const kept = await Promise.all(slices(alerts).map((some) => commits.add({ source, at, body: notificationOf(some) })));
      for (const one of kept) if (one.kind !== 'kept') throw new Error(one.why);
    },
    ask: asking.ask,
    tell,
    start: () => {
      for (const each of [applier, asking, dropping]) each.start();
    },
    stop: async () => {
      commits.flush();
      dropping.stop();
      await Promise.all([applier.stop(), asking.stop()]);
    },
  };
}

const SMALLER: Readonly<Record<AlertSource, string>> = {
  alertmanager: 'set max_alerts in its webhook_config',
  grafana: 'set Max Alerts of its contact point',
};
const ASKED = ' Until then it is asked what fires.';

function problemOf(sent: { readonly source: AlertSource; readonly body: string }): string | undefined {
  try {
    understood(sent);
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableNotification) return error.message;
    throw error;
  }
}

/** Enough for every way in which a sender can be set up wrong. */
const SENTENCES = 50;
const DAY_MS = 86_400_000;

function onceADay({ tell, clock, log, clean }: IntakeOptions): (problem: string) => void {
  const told = new Map<string, number>();
  return (problem) => {
    const now = clock();
    for (const [each, at] of told) if (now - at >= DAY_MS) told.delete(each);
    if (told.has(problem)) return;
    if (told.size >= SENTENCES)
      return log.error({ problem: clean(problem) }, 'people were told too much today to be told of this');
    told.set(problem, now);
    tell?.(problem);
  };
}

/** Notifications may be large, and whoever sends one meanwhile waits. */
const AT_A_TIME = 20;
const ALERTS_AT_A_TIME = 100;

function slices(alerts: readonly Alert[]): readonly (readonly Alert[])[] {
  const count = Math.ceil(alerts.length / ALERTS_AT_A_TIME);
  return Array.from({ length: count }, (_, index) => alerts.slice(index * ALERTS_AT_A_TIME, (index + 1) * ALERTS_AT_A_TIME));
}

type Telling = IntakeOptions & { readonly tell: (problem: string) => void };

function createApplier(options: Telling, asking: Asking): Turns {
  const { store, changed, heard, log, ask } = options;
  const read = createReading({ ...options, canAsk: ask !== undefined });
  const turn = (): boolean => {
    const deliveries = store.nextDeliveries(AT_A_TIME);
    if (deliveries.length === 0) return false;
    const readable = deliveries.map((delivery) => read(delivery));
    const episodes = store.applyDeliveries(readable);
    for (const { alerts, at } of readable) heard?.(alerts, at);
    asking.look();
    if (episodes.length > 0) changed(episodes);
    return true;
  };
  const failed = (error: unknown) => log.error({ error }, 'alerts that were kept could not be taken in yet');
  return createTurns({ turn, failed, gatherMs: 50, retryMs: { first: 1_000, most: 30_000 } });
}

const KEEP_MS = 90 * 86_400_000;
const DROP_EVERY_MS = 3_600_000;

function createDropping({ store, clock, log, keepMs = KEEP_MS }: IntakeOptions) {
  let timer: ReturnType<typeof setInterval> | undefined;
  const drop = (): void => {
    try {
      store.dropEpisodes(clock() - keepMs);
    } catch (error) {
      log.warn({ error }, 'old alerts could not be dropped');
    }
  };
  return {
    start: () => {
      drop();
      timer ??= setInterval(drop, DROP_EVERY_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
