import type { IncidentView } from '../core/incident.ts';
import type { Conducting } from './conductor-parts.ts';
import { isOwnAlert } from './watchdog.ts';

/** How often it is looked whether a doubt is over. */
const DOUBTED_AGAIN_MS = 30_000;

/** Ends incidents of which nothing fires for a while, and opens those again of which something does. Resolves to when to look again. */
export async function settle(conducting: Conducting): Promise<number | undefined> {
  const { store, settings, clock, boundary } = conducting;
  const firing = store.firingIncidents();
  const ends: number[] = [];
  const over: string[] = [];
  const open = store.openHeads();
  for (const { id, quietSince } of open) {
    const now = clock();
    if (firing.has(id) === (quietSince === undefined)) {
      if (quietSince === undefined) continue;
      const endsAt = quietSince + settings.settleForMs;
      if (now < endsAt) ends.push(endsAt);
      else over.push(id);
      continue;
    }
    store.changeIncident(id, firing.has(id) ? undefined : now);
    boundary('quiet-written');
    ends.push(now + settings.settleForMs);
  }
  const openBefore = new Set(open.map(({ id }) => id));
  reopen(
    conducting,
    [...firing].filter((id) => !openBefore.has(id)),
  );
  ends.push(...(await endThose(conducting, over)));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** Ends these, but for those of which silence proves nothing now. Resolves to when to look again. */
async function endThose(conducting: Conducting, over: readonly string[]): Promise<readonly number[]> {
  const { store, settings, clock, doubt, doubted } = conducting;
  const views = over.flatMap((id) => store.incident(id) ?? []);
  const inDoubt = views.filter(needsPrometheus);
  const why = inDoubt.length === 0 ? undefined : await doubt();
  const now = clock();
  if (why !== undefined) doubted.at = now;
  showDoubt(conducting, why, inDoubt);
  // What was well before may begin to fire as soon as rules do again.
  const believedFrom = doubted.at === undefined ? 0 : doubted.at + settings.settleForMs;
  const waiting = now < believedFrom ? inDoubt : [];
  // While it was asked, an alert may have fired again.
  const firing = store.firingIncidents();
  for (const view of views) if (!waiting.includes(view) && !firing.has(view.id)) end(conducting, view.id);
  if (waiting.length === 0) return [];
  return [why === undefined ? believedFrom : now + DOUBTED_AGAIN_MS];
}

/** Shows those again that wait because of it, when that begins and when it is over. */
function showDoubt({ store, doubted }: Conducting, why: string | undefined, inDoubt: readonly IncidentView[]): void {
  doubted.why = why;
  const ids = why === undefined ? [...doubted.incidents] : inDoubt.map(({ id }) => id).filter((id) => !doubted.incidents.has(id));
  if (ids.length === 0) return;
  doubted.incidents = why === undefined ? new Set() : new Set([...doubted.incidents, ...ids]);
  store.touchIncidents(ids);
}

function end({ store, clock, boundary, log }: Conducting, id: string): void {
  store.closeIncident(id, { at: clock(), because: 'all-ended' });
  boundary('incident-closed');
  log.info({ incident: id }, 'an incident ended by itself');
}

/** Whether its end is known only from an Alertmanager that says what Prometheus tells it. */
export function needsPrometheus({ members }: Pick<IncidentView, 'members'>): boolean {
  return members.some((member) => member.source === 'alertmanager' && !isOwnAlert(member));
}

/** The same episode may fire on after Alertmanager was interrupted, and had told of its end. */
function reopen({ store, boundary }: Conducting, firing: readonly string[]): void {
  for (const id of firing) {
    const incident = store.incident(id);
    if (incident?.closed?.because !== 'all-ended') continue;
    store.joinIncident(id, { members: [], candidates: incident.candidates });
    boundary('incident-joined');
  }
}
