import { type ApiAlert, firingAt } from '../commands/alertmanager.ts';
import type { Targets } from '../core/ports.ts';
import { readerOver } from '../core/reading.ts';

/** All that fires, as Alertmanager's API says, silenced and inhibited too. Both reject with its words when it does not say. */
export interface AlertmanagerLooks {
  /** As it was within the last half minute: for all who look again and again, one question. */
  readonly recent: () => Promise<readonly ApiAlert[]>;
  /** Asked anew. */
  readonly now: () => Promise<readonly ApiAlert[]>;
  /** One or the other, and when it was asked. */
  readonly look: (anew: boolean) => Promise<AlertmanagerLook>;
  /** False once it has been asked in vain for a while. */
  readonly answering: () => boolean;
}

/** What fires, and when that was asked, in milliseconds since 1970. */
export interface AlertmanagerLook {
  readonly at: number;
  readonly alerts: readonly ApiAlert[];
}

interface Promised {
  readonly at: number;
  readonly answer: Promise<readonly ApiAlert[]>;
}

export interface AlertmanagerLooksOptions {
  readonly targets: Pick<Targets, 'read'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly recentMs?: number;
}

const RECENT_MS = 30_000;
/** It is asked each minute. */
const IN_VAIN_MS = 2 * 60_000;

export function createAlertmanagerLooks({ targets, clock, recentMs = RECENT_MS }: AlertmanagerLooksOptions): AlertmanagerLooks {
  let last: Promised | undefined;
  let inVainSince: number | undefined;
  const anew = (): Promised => {
    const look = { at: clock(), answer: ask(targets) };
    last = look;
    look.answer.then(
      () => (inVainSince = undefined),
      () => {
        inVainSince ??= look.at;
        // Who comes next asks again.
        if (last === look) last = undefined;
      },
    );
    return look;
  };
  const recent = (): Promised => {
    const age = last === undefined ? Infinity : clock() - last.at;
    return last !== undefined && age >= 0 && age < recentMs ? last : anew();
  };
  return {
    now: () => anew().answer,
    recent: () => recent().answer,
    answering: () => inVainSince === undefined || clock() - inVainSince < IN_VAIN_MS,
    async look(isAnew) {
      const { at, answer } = isAnew ? anew() : recent();
      return { at, alerts: await answer };
    },
  };
}

async function ask({ read }: Pick<Targets, 'read'>): Promise<readonly ApiAlert[]> {
  const seen = await readerOver(read)(firingAt());
  if (!seen.known) throw new Error(`${seen.why.says} ${seen.why.toDo}`);
  return seen.value;
}
