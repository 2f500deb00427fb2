import type { ApiAlert, Silences } from '../../src/commands/alertmanager.ts';
import { firingAt, silences } from '../../src/commands/alertmanager.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { Mutings } from '../../src/repairs/silences.ts';

export interface Params {
  /** What each silence is for. */
  readonly each: Mutings;
  readonly durationMs: number;
  /** Then the bot ends it once none of its alerts fires, and the duration is the longest that it lasts. */
  readonly untilResolved: boolean;
  readonly reason?: string;
  /** Whom the list of silences is to name. */
  readonly asker?: string;
}

export interface Facts {
  readonly asked: Params;
  readonly alerts: Seen<readonly ApiAlert[]>;
  readonly silences: Seen<Silences>;
  /** The alert that always fires, as the site calls it. */
  readonly watchdog?: string;
}

export async function gather(asked: Params, read: Reader, { watchdogAlert: watchdog }: Site): Promise<Facts> {
  const [alerts, list] = await Promise.all([read(firingAt()), read(silences())]);
  return { asked, alerts, silences: list, ...(watchdog !== undefined && { watchdog }) };
}
