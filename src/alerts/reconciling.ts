import { setImmediate as breathe } from 'node:timers/promises';
import type { ApiAlert } from '../commands/alertmanager.ts';
import type { Episode, EpisodeKey } from '../core/alert.ts';
import type { AlertStore, Looked } from '../core/alert-ports.ts';
import { messageOf } from '../core/errors.ts';
import { begun, ended, type Looking, missing, otherwiseMuted, type Since } from './differences.ts';
import type { Doubt } from './doubts.ts';
import { ALERTMANAGER_UNREACHABLE, WATCHDOG_SILENT } from './watchdog.ts';

export interface ReconcilingOptions {
  readonly store: Pick<AlertStore, 'openEpisodes' | 'applyLook'>;
  /** All that Alertmanager's API shows; `anew`: not as it was a while ago; `at`: when it was asked. Rejects when it cannot be asked. */
  readonly look: (anew: boolean) => Promise<{ readonly at: number; readonly alerts: readonly ApiAlert[] }>;
  /** Whether Alertmanager tells the bot what it tells this receiver. */
  readonly isOwnReceiver: (receiver: string) => boolean;
  /** The alert that always fires, where the configuration names one. */
  readonly watchdog?: string;
  readonly doubt: Doubt;
  /** Hears of episodes that changed, once they are in the store. */
  readonly changed: (episodes: readonly EpisodeKey[]) => void;
  /** Hears, as long as it is so, of what a person must put right. */
  readonly tell: (problem: string) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: { readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void };
}

export interface Reconciling {
  /** Looks if it is time to. Called every few seconds, never during another call. Never rejects. */
  readonly check: () => Promise<void>;
  /** Something changed there: other alerts may be held back now, or no longer. */
  readonly soon: () => void;
  /** Alertmanager has said in a channel that all alerts of these names have ended. */
  readonly saidToHaveEnded: (names: readonly string[]) => void;
}

const EVERY_MS = 60_000;
const SOON_MS = 10_000;
/** In a storm a look is long, and others have to be heard between two of them. */
const REST = 50;
/** Prometheus sends what fires each minute or so. */
const SENT_WITHIN_MS = 5 * 60_000;
/** What is taken in at a time: nobody else is served meanwhile. */
const AT_A_TIME = 200;

/** The bot's own, of which Alertmanager knows nothing. */
const OWN: ReadonlySet<string> = new Set([WATCHDOG_SILENT, ALERTMANAGER_UNREACHABLE]);

/** When Alertmanager was last sent something, by its clock, and when that was seen to be new, by the bot's. */
interface Sent {
  readonly newest: number;
  readonly seenAt: number;
}

const NEVER: Sent = { newest: -Infinity, seenAt: -Infinity };

interface State {
  lookedAt: number;
  /** The last look. */
  tookMs: number;
  isSoon: boolean;
  /** Since when what is open here is missing there, by episode. */
  missing: Since;
  /** Since when what fires there is not open here, by fingerprint. */
  untold: Since;
  /** Names that Alertmanager said to have ended, until nothing of them is missing there. */
  readonly said: Set<string>;
  /** Why what is missing may not have ended, as it was logged. */
  why?: string | undefined;
  sent: Sent;
  /** Since when nothing that Alertmanager shows proves that. */
  unsureSince?: number | undefined;
}

/**
 * Compares what is open here with what Alertmanager's API shows: what began or ended without a word, because a notification was lost or
 * Alertmanager was restarted, and what it holds back and tells nobody of.
 */
export function createReconciling(options: ReconcilingOptions): Reconciling {
  const { clock, log } = options;
  const state: State = {
    lookedAt: -Infinity,
    tookMs: 0,
    isSoon: true,
    missing: new Map(),
    untold: new Map(),
    said: new Set(),
    sent: NEVER,
  };
  return {
    async check() {
      const began = clock();
      const soonMs = Math.min(EVERY_MS, Math.max(SOON_MS, REST * state.tookMs));
      if (Math.abs(began - state.lookedAt) < (state.isSoon ? soonMs : EVERY_MS)) return;
      const anew = state.isSoon;
      Object.assign(state, { lookedAt: began, isSoon: false });
      try {
        await reconcile(options, state, anew);
      } catch (error) {
        // What was not seen in between does not count.
        Object.assign(state, { missing: new Map(), untold: new Map() });
        log.warn({ reason: messageOf(error) }, 'what fires here could not be compared with what Alertmanager knows');
      }
      state.tookMs = clock() - began;
    },
    soon: () => void (state.isSoon = true),
    saidToHaveEnded(names) {
      for (const name of names) state.said.add(name);
      state.isSoon = true;
    },
  };
}

async function reconcile(options: ReconcilingOptions, state: State, anew: boolean): Promise<void> {
  const { store, look, isOwnReceiver, clock } = options;
  // Before the API is asked: what begins meanwhile must not be taken for missing.
  const open = store.openEpisodes().filter(({ source, name }) => source === 'alertmanager' && !OWN.has(name));
  const [now, said] = [clock(), new Set(state.said)];
  const { at, alerts: there } = await look(anew);
  const looking: Looking = { open, there, now };
  const fresh = begun(looking, isOwnReceiver, state.untold);
  state.untold = fresh.since;
  const alerts = [...fresh.alerts, ...(await endsOf(options, state, { ...looking, said }))];
  await takeIn(options, { alerts, muted: otherwiseMuted(looking), at });
}

type Saying = Looking & { readonly said: ReadonlySet<string> };

async function endsOf(options: ReconcilingOptions, state: State, looking: Saying): Promise<Looked['alerts']> {
  const { watchdog, doubt, log } = options;
  const { said } = looking;
  const gone = missing(looking);
  state.sent = sentAfter(state.sent, looking);
  const unsure = gone.length === 0 ? undefined : whyUnsure(options, state, looking);
  const doubted = gone.length === 0 ? undefined : await doubt();
  const why = unsure ?? doubted;
  if (why !== undefined && why !== state.why) log.warn({ missing: gone.length, why }, 'alerts may have ended unheard');
  state.why = why;
  tellUnsure(options, state, unsure);
  // An Alertmanager that has forgotten all says of nothing that it has ended.
  const isToldOff = ({ name }: Episode) => watchdog === undefined && doubted === undefined && said.has(name);
  const counting = gone.filter((each) => why === undefined || isToldOff(each));
  const { alerts, since } = ended(counting, looking, state.missing);
  state.missing = since;
  for (const name of said) if (!gone.some((each) => each.name === name)) state.said.delete(name);
  if (counting.some(({ name }) => said.has(name))) state.isSoon = true;
  return alerts;
}

/** A watchdog that is missing is told as such. */
function tellUnsure({ watchdog, tell, clock }: ReconcilingOptions, state: State, unsure: string | undefined): void {
  state.unsureSince = unsure === undefined ? undefined : (state.unsureSince ?? clock());
  if (watchdog === undefined && state.unsureSince !== undefined && clock() - state.unsureSince >= UNSURE_MS) tell(STAY_OPEN);
}

const UNSURE_MS = 15 * 60_000;
const STAY_OPEN =
  'Alerts that Alertmanager does not have any more stay open, because it shows nothing that it was sent lately: it may hear nothing of Prometheus. ' +
  'Set alerts.watchdog to an alert that always fires, or close their incidents by hand.';

/** An Alertmanager that Prometheus does not reach shows nothing after a while, whatever fires. */
function whyUnsure({ watchdog }: ReconcilingOptions, { sent }: State, looking: Looking): string | undefined {
  if (watchdog !== undefined)
    return looking.there.some(({ name }) => name === watchdog)
      ? undefined
      : `${watchdog} always fires, and Alertmanager does not have it.`;
  return isSent(sent, looking)
    ? undefined
    : 'Alertmanager shows nothing that it was sent lately: alerts.watchdog would tell whether it is sent any.';
}

/** By the clock of Alertmanager, which may be minutes apart from that of the bot: what is newer than before was sent since. */
function sentAfter({ newest, seenAt }: Sent, { there, now }: Looking): Sent {
  const latest = latestOf(there);
  return latest > newest ? { newest: latest, seenAt: newest === -Infinity ? seenAt : now } : { newest, seenAt };
}

function isSent({ newest, seenAt }: Sent, { there, now }: Looking): boolean {
  const latest = latestOf(there);
  return Math.abs(now - latest) < SENT_WITHIN_MS || (latest === newest && now - seenAt < SENT_WITHIN_MS);
}

function latestOf(there: Looking['there']): number {
  return there.reduce((last, { updatedAt = -Infinity }) => Math.max(last, updatedAt), -Infinity);
}

async function takeIn({ store, changed }: ReconcilingOptions, { alerts, muted, at }: Looked): Promise<void> {
  for (let from = 0; from < Math.max(alerts.length, muted.length); from += AT_A_TIME) {
    const part = { alerts: alerts.slice(from, from + AT_A_TIME), muted: muted.slice(from, from + AT_A_TIME) };
    const episodes = store.applyLook({ ...part, at });
    if (episodes.length > 0) changed(episodes);
    await breathe();
  }
}
