import { createAnnouncing } from '../alerts/announcing.ts';
import { createQuiet, maintenanceWords, type Quiet } from '../alerts/quiet.ts';
import { createQuietEnd } from '../alerts/quiet-end.ts';
import { whyNoReason } from '../approval/confirmation.ts';
import type { MembersOf } from '../approval/groups.ts';
import { mayIntervene } from '../approval/permission.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import type { IncidentSettings } from '../core/alert-settings.ts';
import { messageOf } from '../core/errors.ts';
import type { Announcing, QuietReporter } from '../core/maintenance.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { createPeriodic, type Periodic } from './periodic.ts';

export interface QuietParts {
  readonly settings: Pick<IncidentSettings, 'quiet' | 'maintenance'>;
  readonly store: Store;
  readonly report: QuietReporter;
  readonly policy: ApprovalPolicy;
  readonly membersOf: MembersOf;
  readonly clean: (text: string) => string;
  readonly clock: () => number;
  readonly log: Log;
  readonly everyMs?: number;
}

export interface RunningQuiet {
  /** Why nothing is offered now; undefined when repairs are. */
  readonly maintenance: () => string | undefined;
  readonly holdsBack: Quiet['holdsBack'];
  readonly announcing: Announcing;
  /** From now on `look` is called when maintenance or quiet hours began or ended. */
  readonly start: (look: () => void) => void;
  readonly stop: () => Promise<void>;
}

const CHECK_EVERY_MS = 5_000;

/** Quiet hours and maintenance, followed by the clock. */
export function openQuiet(parts: QuietParts): RunningQuiet {
  const quiet = createQuiet({ settings: parts.settings, memory: parts.store, clock: parts.clock });
  const listener = { look: () => {} };
  const maintenance = () => {
    const now = quiet.maintenance();
    return now === undefined ? undefined : maintenanceWords(now);
  };
  const { start, stop } = followClock(parts, { quiet, maintenance, look: () => listener.look() });
  return {
    maintenance,
    holdsBack: quiet.holdsBack,
    announcing: announcingOf(parts, quiet, () => listener.look()),
    start(look) {
      listener.look = look;
      start();
    },
    stop,
  };
}

function announcingOf({ store, policy, membersOf, clean, clock }: QuietParts, quiet: Quiet, changed: () => void): Announcing {
  return createAnnouncing({
    quiet,
    clock,
    whyNot: async (actor, reason) =>
      (await mayIntervene(policy, membersOf, { kind: 'maintenance', actor })) ?? whyNoReason(reason),
    claim: store.claim,
    note: store.note,
    clean,
    changed,
  });
}

interface Followed {
  readonly quiet: Quiet;
  readonly maintenance: () => string | undefined;
  readonly look: () => void;
}

function followClock(
  { store, report, clock, log, everyMs = CHECK_EVERY_MS }: QuietParts,
  { quiet, maintenance, look }: Followed,
): Periodic {
  const tellWhatWasHeld = createQuietEnd({ quiet, incident: store.incident, report, released: look, clock });
  let before = maintenance();
  return createPeriodic(async () => {
    try {
      const now = maintenance();
      if (now !== before) look();
      before = now;
      await tellWhatWasHeld();
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'what came in quiet hours was not told; it is tried again');
    }
  }, everyMs);
}
