import { messageOf } from '../core/errors.ts';
import type { Announcing, Maintenance, MaintenanceWord } from '../core/maintenance.ts';
import type { Answer } from '../core/ports.ts';
import type { Actor } from '../core/run.ts';
import type { Quiet } from './quiet.ts';
import { maintenanceWords } from './quiet.ts';

export type MaintenanceEvent =
  | { readonly kind: 'maintenance-announced'; readonly actor: Actor; readonly reason: string; readonly until: number }
  | { readonly kind: 'maintenance-ended'; readonly actor: Actor; readonly reason: string };

export interface AnnouncingOptions {
  readonly quiet: Quiet;
  readonly clock: () => number;
  /** Why this word does not count: who may not say it, or no reason. Rejects where that cannot be found out. */
  readonly whyNot: (actor: Actor, reason: string) => Promise<string | undefined>;
  /** False when this key was taken before. */
  readonly claim: (key: string, at: number) => boolean;
  /** Writes it into the audit trail. */
  readonly note: (
    event:
      | MaintenanceEvent
      | { readonly kind: 'word-refused'; readonly word: string; readonly actor: Actor; readonly says: string },
  ) => void;
  readonly clean: (text: string) => string;
  /** Called when maintenance began or ended. */
  readonly changed: () => void;
}

const LONGEST_MS = 7 * 86_400_000;

export function createAnnouncing(options: AnnouncingOptions): Announcing {
  return {
    begin: (word) => answered(options, { ...word, does: 'announce maintenance' }, () => begin(options, word)),
    end: (word) => answered(options, { ...word, does: 'end maintenance' }, () => end(options, word)),
  };
}

type Spoken = MaintenanceWord & { readonly does: string };

async function answered(options: AnnouncingOptions, spoken: Spoken, work: () => Answer): Promise<Answer> {
  const { actor, reason, key, does } = spoken;
  try {
    const refusal = await options.whyNot(actor, reason);
    const answer = refusal === undefined ? (options.claim(key, options.clock()) ? work() : repeated(options)) : no(refusal);
    if (answer.accepted) options.changed();
    else options.note({ kind: 'word-refused', word: does, actor, says: answer.says });
    return answer;
  } catch (error) {
    return no(`That could not be checked and written down, so it does not count: ${messageOf(error)}`);
  }
}

function begin({ quiet, clock, note, clean }: AnnouncingOptions, word: MaintenanceWord & { readonly forMs: number }): Answer {
  const { actor, forMs } = word;
  if (forMs > LONGEST_MS) return no('Maintenance can be announced for at most 7d, so that nobody forgets it.');
  const maintenance = { by: actor, reason: clean(word.reason.trim()), until: clock() + forMs };
  note({ kind: 'maintenance-announced', actor, reason: maintenance.reason, until: maintenance.until });
  quiet.announce(maintenance);
  return { accepted: true, says: maintenanceWords(maintenance) };
}

/** Whoever died after the claim has not done it. */
function repeated({ quiet }: AnnouncingOptions): Answer {
  const now = quiet.maintenance();
  const state = now === undefined ? 'There is no maintenance now.' : maintenanceWords(now);
  return no(
    `Slack delivered this message twice, and it counts once at most. ${state} If that is not what was meant, say it again.`,
  );
}

function end({ quiet, note, clean }: AnnouncingOptions, { actor, reason }: MaintenanceWord): Answer {
  const now = quiet.maintenance();
  if (now === undefined) return no('There is no maintenance now.');
  if (now.by === undefined) return no(`This one is of the configuration, and ends by itself. ${maintenanceWords(now)}`);
  note({ kind: 'maintenance-ended', actor, reason: clean(reason.trim()) });
  quiet.endAnnounced();
  return { accepted: true, says: `${actor.name} ended the maintenance. ${stillOn(quiet.maintenance())}` };
}

function stillOn(now: Maintenance | undefined): string {
  return now === undefined
    ? 'Repairs are offered again: where one was withdrawn for it, the incident is diagnosed anew.'
    : maintenanceWords(now);
}

function no(says: string): Answer {
  return { accepted: false, says };
}
