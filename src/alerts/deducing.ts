import { isSame, isShared } from '../core/foundation.ts';
import type { Cause, Incident } from '../core/incident.ts';
import { has } from '../topology/foundation-names.ts';
import { type Conducting, isDiagnosing } from './conductor-parts.ts';

/**
 * An alert that comes now would be taken in by what was proved lately. One that came a little earlier has an incident of its own: where that guesses the
 * same, or stands on it and its diagnosis found nothing else, it has the same cause.
 */
export async function deduce(conducting: Conducting): Promise<void> {
  const { store, boundary, log } = conducting;
  const open = store.openHeads();
  const proved = open.map(({ cause }) => cause).filter((cause) => isFresh(conducting, cause));
  for (const incident of open) {
    const cause = proved.find((each) => mayBeOf(conducting, incident, each));
    if (cause === undefined || !(isSame(cause, incident.cause) || (await foundNothing(conducting, incident)))) continue;
    const others = (incident.cleared ?? []).filter((each) => !isSame(each, cause));
    if (!store.setCause(incident.id, cause, others)) continue;
    boundary('cause-written');
    log.info({ incident: incident.id, cause }, 'an incident has the cause that was proved for another one');
  }
}

function isFresh({ clock, settings }: Conducting, cause: Cause): boolean {
  return cause.because === 'proved' && isShared(cause) && clock() - (cause.provedAt ?? 0) < settings.windowMs;
}

function mayBeOf({ settings }: Conducting, { cause, candidates, cleared = [], openedAt }: Incident, proved: Cause): boolean {
  const { provedAt = 0 } = proved;
  const isLater = cleared.some((each) => isSame(each, proved) && each.at >= provedAt);
  const isNear = Math.abs(openedAt - provedAt) < settings.windowMs;
  return cause.because !== 'proved' && isNear && !isLater && has(candidates, proved);
}

async function foundNothing(conducting: Conducting, incident: Incident): Promise<boolean> {
  const last = incident.runs.at(-1);
  if (last === undefined || isDiagnosing(conducting, incident)) return false;
  const view = await conducting.engine.view(last);
  return view?.rounds.at(-1)?.diagnosis.findings.length === 0;
}
