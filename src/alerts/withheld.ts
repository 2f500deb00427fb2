import type { Conducting } from './conductor-parts.ts';
import { isDiagnosing } from './conductor-parts.ts';
import { obstacleOf, obstacleTo } from './guarding.ts';
import { lateRuns } from './ways.ts';

/** So many diagnoses within the window are enough. */
const MOST_RUNS = 3;

/** Remembers what makes the bot withdraw an offer of an incident: `maintenance`, or the incident of what is ill. To be called before it is withdrawn. */
export function withhold({ store }: Conducting, incident: string, by: string): void {
  store.withhold(incident, by);
}

/** Wants the diagnosis of each incident of which an offer was withdrawn for something that is over. */
export function recall(conducting: Conducting): void {
  const { store, offers } = conducting;
  const firing = store.firingIncidents();
  for (const head of store.openHeads()) {
    const { id, withheldBy, runs } = head;
    if (withheldBy === undefined || !firing.has(id) || isDiagnosing(conducting, head)) continue;
    // What is in its way may come and go.
    if (lateRuns(conducting, head).length >= MOST_RUNS) continue;
    const run = runs.at(-1) ?? '';
    const judged = offers.get(run);
    // A bot that was restarted since does not know the step any more.
    const free =
      judged === undefined ? isOver(conducting, withheldBy) : obstacleTo(conducting, head, judged.offered) === undefined;
    if (!free) continue;
    store.wantDiagnosis(id);
    offers.delete(run);
  }
}

function isOver(conducting: Conducting, by: string): boolean {
  if (by === 'maintenance') return conducting.maintenance() === undefined;
  const incident = conducting.store.incident(by);
  if (incident === undefined) return true;
  const { closed } = incident;
  if (closed?.into !== undefined) return isOver(conducting, closed.into);
  return closed !== undefined || obstacleOf(conducting, incident) === undefined;
}
