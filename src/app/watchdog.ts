import type { Intake } from '../alerts/intake.ts';
import { type Asked, createWatchdog, type Watchdog } from '../alerts/watchdog.ts';
import type { ApiAlert } from '../commands/alertmanager.ts';
import type { AlertSettings } from '../config/alert-schema.ts';
import { messageOf } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';
import type { Log } from '../log.ts';
import { createPeriodic, type Periodic } from './periodic.ts';

export interface WatchdogParts {
  readonly settings: AlertSettings;
  /** All that fires, as Alertmanager knows it. Rejects where that is not known. */
  readonly firing: () => Promise<readonly ApiAlert[]>;
  readonly memory: Memory;
  readonly takeIn: Intake['takeIn'];
  readonly clock: () => number;
  readonly log: Log;
  readonly everyMs?: number;
}

export type RunningWatchdog = Pick<Watchdog, 'heard' | 'doubt'> & Periodic;

const CHECK_EVERY_MS = 60_000;

/** Checks each minute that alerts can still arrive. */
export function openWatchdog({
  settings,
  firing,
  memory,
  takeIn,
  clock,
  log,
  everyMs = CHECK_EVERY_MS,
}: WatchdogParts): RunningWatchdog {
  const { watchdog: expected, alertmanager } = settings;
  const watchdog = createWatchdog({
    ...(expected === undefined ? {} : { settings: expected }),
    ...(alertmanager === undefined ? {} : { ask: () => ask(firing) }),
    memory,
    clock,
    log,
    tell: (alert) => takeIn([alert]),
  });
  return { heard: watchdog.heard, doubt: watchdog.doubt, ...createPeriodic(watchdog.check, everyMs) };
}

async function ask(firing: WatchdogParts['firing']): Promise<Asked> {
  try {
    return { names: (await firing()).map(({ name }) => name) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}
