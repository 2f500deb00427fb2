import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Alert } from '../core/alert.ts';
import type { Watchdog as Settings } from '../core/alert-settings.ts';
import { messageOf } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';
import { spanText } from '../core/span.ts';

/** Alerts of the bot itself: nothing else can tell of them. */
export const WATCHDOG_SILENT = 'StoragebotWatchdogSilent';
export const ALERTMANAGER_UNREACHABLE = 'StoragebotAlertmanagerUnreachable';

/** Of these Alertmanager and Prometheus know nothing. */
export function isOwnAlert({ name }: Pick<Alert, 'name'>): boolean {
  return name === WATCHDOG_SILENT || name === ALERTMANAGER_UNREACHABLE;
}

/** What Alertmanager answers when it is asked what fires: the names, or why it could not be asked. */
export type Asked = { readonly names: readonly string[] } | { readonly why: string };

export interface WatchdogOptions {
  /** Absent: no alert is expected, and only whether Alertmanager can be asked is watched. */
  readonly settings?: Settings;
  /** Absent where the bot may not ask it. */
  readonly ask?: () => Promise<Asked>;
  readonly memory: Memory;
  /** Takes in an alert as if somebody had sent it; the same once more does nothing. Rejects where it is not kept. */
  readonly tell: (alert: Alert) => Promise<void>;
  readonly clock: () => number;
  readonly log: { readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void };
}

export interface Watchdog {
  /** Hears of every notification that was taken in, and when it was sent to the bot. */
  readonly heard: (alerts: readonly Pick<Alert, 'source' | 'name' | 'endsAt'>[], at: number) => void;
  /** Why no end of an alert is to be believed, in words; undefined where that is not known. */
  readonly doubt: () => string | undefined;
  /** Asks Alertmanager, and tells what is wrong or is so no longer. Called each minute; a call during another one is that one. */
  readonly check: () => Promise<void>;
}

/** As often as it may fail before it counts. */
const TIMES = 3;
/** Who did not check for so long was asleep, and may have missed what was sent. */
const ASLEEP_MS = 180_000;
const MEMORY = 'watchdog';

const Alarm = z.object({ startsAt: z.number(), endsAt: z.number().exactOptional(), says: z.string() });
type Alarm = z.output<typeof Alarm>;
/** Over restarts: who is started again and again must still notice. */
const Known = z.object({
  heardAt: z.number().exactOptional(),
  /** When Alertmanager did not have it any more; absent once it has it again. */
  goneAt: z.number().exactOptional(),
  /** How long notifications could reach the bot since then, as far as it looked. */
  listenedMs: z.number().default(0),
  checkedAt: z.number().exactOptional(),
  /** Questions in a row that Alertmanager did not answer. */
  failures: z.number().default(0),
  silent: Alarm.exactOptional(),
  unreachable: Alarm.exactOptional(),
});
type Known = z.output<typeof Known>;

const KINDS = ['silent', 'unreachable'] as const;
type Kind = (typeof KINDS)[number];
type Verdict = 'well' | 'unclear' | { readonly wrong: string };

const NAMES: Readonly<Record<Kind, string>> = { silent: WATCHDOG_SILENT, unreachable: ALERTMANAGER_UNREACHABLE };

interface State {
  known: Known;
  /** Alarms that are written down, and maybe not told. */
  readonly untold: Set<Kind>;
}

/**
 * The dead man's switch: an alert that always fires and does not come any more, and an Alertmanager that does not answer, become alerts
 * themselves. What is told is written down first, so that a bot that dies in between tells the same again.
 */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { memory, settings, clock, log } = options;
  const known = Known.parse(memory.recall(MEMORY) ?? {});
  const state: State = { known: { checkedAt: clock(), ...known }, untold: new Set(KINDS) };
  let checking: Promise<void> | undefined;
  return {
    heard(alerts, at) {
      const expected = alerts.filter((alert) => isExpected(alert, settings));
      if (expected.length === 0) return;
      const fires = expected.some(({ endsAt }) => endsAt === undefined);
      state.known = fires ? afterFiring(state.known, at, clock()) : { ...state.known, goneAt: at };
      try {
        memory.remember(MEMORY, state.known);
      } catch (error) {
        // Whoever takes in alerts must not fail because of this; it is written down with the next one.
        log.error({ reason: messageOf(error) }, 'it could not be written down that the watchdog was heard');
      }
    },
    doubt: () => (settings === undefined || state.known.goneAt === undefined ? undefined : isGone(settings)),
    check: () =>
      (checking ??= check(options, state)
        .catch((error: unknown) =>
          log.error({ reason: messageOf(error) }, 'it could not be checked whether alerts still arrive; it is tried again'),
        )
        .finally(() => (checking = undefined))),
  };
}

/** An alert of this name that Grafana sends says nothing of Alertmanager. */
function isExpected({ source, name }: Parameters<Watchdog['heard']>[0][number], settings: Settings | undefined): boolean {
  return source === 'alertmanager' && name === settings?.alert;
}

function afterFiring({ goneAt: _goneAt, ...known }: Known, at: number, now: number): Known {
  // What was kept for long is no sign that something comes now.
  const listenedMs = Math.min(known.listenedMs, Math.max(0, now - at));
  return { ...known, heardAt: Math.max(at, known.heardAt ?? 0), listenedMs };
}

/** An Alertmanager that Prometheus does not reach says of each alert that it has ended. */
function isGone({ alert }: Settings): string {
  return `Alertmanager does not have ${alert}, which always fires: it hears nothing of Prometheus, so that silence of alerts proves nothing.`;
}

async function check(options: WatchdogOptions, state: State): Promise<void> {
  const asked = await options.ask?.();
  state.known = seen(counted(state.known, asked, options.clock()), asked, options);
  move(options, state, { kind: 'silent', verdict: hearing(options, state, asked) });
  move(options, state, { kind: 'unreachable', verdict: answering(state, asked) });
  remember(options, state, state.known);
  for (const kind of state.untold) {
    const alarm = state.known[kind];
    if (alarm !== undefined) await options.tell(alertOf(kind, alarm));
    state.untold.delete(kind);
  }
}

function counted(known: Known, asked: Asked | undefined, now: number): Known {
  const sinceMs = now - (known.checkedAt ?? now);
  return {
    ...known,
    checkedAt: now,
    listenedMs: known.listenedMs + (sinceMs > ASLEEP_MS ? 0 : Math.max(0, sinceMs)),
    failures: asked !== undefined && 'why' in asked ? known.failures + 1 : 0,
  };
}

/** An alert that was never heard may be one that there is not; and while it is heard, another peer may be asked than the one that tells. */
function seen(known: Known, asked: Asked | undefined, { settings, clock }: Pick<WatchdogOptions, 'settings' | 'clock'>): Known {
  if (asked === undefined || 'why' in asked || settings === undefined) return known;
  const { goneAt, ...rest } = known;
  if (asked.names.includes(settings.alert)) return rest;
  return known.heardAt === undefined || known.listenedMs <= settings.everyMs ? known : { ...rest, goneAt: goneAt ?? clock() };
}

/** Begins or ends an alarm. */
function move(
  options: WatchdogOptions,
  state: State,
  { kind, verdict }: { readonly kind: Kind; readonly verdict: Verdict },
): void {
  const next = alarmAfter(state.known[kind], verdict, options.clock());
  if (next === undefined) return;
  remember(options, state, { ...state.known, [kind]: next });
  state.untold.add(kind);
}

/** Undefined where nothing changes. */
function alarmAfter(before: Alarm | undefined, verdict: Verdict, now: number): Alarm | undefined {
  const fires = before !== undefined && before.endsAt === undefined;
  if (typeof verdict === 'object') return fires ? undefined : { startsAt: now, says: verdict.wrong };
  return verdict === 'well' && fires ? { ...before, endsAt: now } : undefined;
}

function remember({ memory }: WatchdogOptions, state: State, known: Known): void {
  memory.remember(MEMORY, known);
  state.known = known;
}

function hearing({ settings, clock }: WatchdogOptions, { known }: State, asked: Asked | undefined): Verdict {
  if (settings === undefined) return 'well';
  const { alert, everyMs } = settings;
  const { heardAt, listenedMs } = known;
  if (listenedMs <= TIMES * everyMs) return 'well';
  const since = heardAt === undefined ? 'was never heard' : `was last heard ${spanText((clock() - heardAt) / 1_000)} ago`;
  return {
    wrong: `The alert ${alert} always fires and ${since}, so other alerts may be missing too. ${whereToLook(alert, asked)}`,
  };
}

function whereToLook(alert: string, asked: Asked | undefined): string {
  if (asked === undefined) return 'Look at Prometheus, Alertmanager and its route to the bot.';
  if ('why' in asked) return `Alertmanager cannot be asked: ${asked.why}`;
  return asked.names.includes(alert)
    ? 'Alertmanager has it, so what is wrong is its route to the bot or the way between them.'
    : 'Alertmanager does not have it, so what is wrong is Prometheus or the way from it to Alertmanager.';
}

function answering({ known: { failures } }: State, asked: Asked | undefined): Verdict {
  if (asked === undefined || 'names' in asked) return 'well';
  if (failures < TIMES) return 'unclear';
  return { wrong: `Alertmanager could not be asked ${TIMES} times in a row, so alerts may be missing. ${asked.why}` };
}

function alertOf(kind: Kind, { startsAt, endsAt, says }: Alarm): Alert {
  const name = NAMES[kind];
  return {
    source: 'alertmanager',
    fingerprint: createHash('sha256').update(name).digest('hex').slice(0, 16),
    name,
    labels: { alertname: name, severity: 'critical' },
    annotations: { summary: says },
    startsAt,
    ...(endsAt === undefined ? {} : { endsAt }),
  };
}
