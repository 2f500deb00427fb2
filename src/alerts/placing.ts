import { randomBytes } from 'node:crypto';
import type { Episode } from '../core/alert.ts';
import type { IncidentView } from '../core/incident.ts';
import { type Conducting, isDiagnosing } from './conductor-parts.ts';
import { correlate } from './correlate.ts';
import type { Placement } from './placement.ts';
import { relearn } from './relearning.ts';
import { route } from './route.ts';
import { standingOf } from './standing.ts';
import { lateRuns } from './ways.ts';

/** Gives each new episode its incident. Returns when to look again, because some wait to be placed. */
export async function place(conducting: Conducting): Promise<number | undefined> {
  const { store, topology, site, settings, clock } = conducting;
  if (!store.hasUnplaced()) return undefined;
  const found = toPlace(conducting);
  if (found.length === 0) return undefined;
  // What is muted opens nothing: for that alone the cluster is not read.
  const index = found.some(({ muted }) => muted === undefined) ? await topology.latest() : topology.known();
  relearn(conducting);
  // Meanwhile some may have ended.
  const unplaced = toPlace(conducting);
  const now = clock();
  const placements = correlate({
    incidents: [...store.openIncidents(), ...store.incidentsClosedSince(now - settings.windowMs)],
    unplaced,
    standing: (episode) => standingOf(episode, index, site),
    now,
    gatherForMs: settings.gatherForMs,
    windowMs: settings.windowMs,
    running: (incident) => isDiagnosing(conducting, incident) && !isHeldBack(conducting, incident),
  });
  carryOut(conducting, placements, now);
  for (const id of new Set(placements.flatMap((one) => (one.place === 'wait' ? (one.asks ?? []) : [])))) wantAnew(conducting, id);
  const waits = placements.flatMap((placement) => (placement.place === 'wait' ? [placement.until] : []));
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** What nobody is to be shown now is no reason to hold back others. */
function isHeldBack({ store, holdsBack }: Conducting, incident: IncidentView): boolean {
  return store.threadOf(incident.id) === undefined && holdsBack(incident);
}

/** Wants another diagnosis where the last one is too old to tell of what came since. */
function wantAnew(conducting: Conducting, id: string): void {
  const incident = conducting.store.incident(id);
  if (incident === undefined || isDiagnosing(conducting, incident) || lateRuns(conducting, incident).length > 0) return;
  conducting.store.wantDiagnosis(id);
}

export interface Placing extends Pick<Conducting, 'site' | 'settings'> {
  readonly store: Pick<Conducting['store'], 'unplacedEpisodes'>;
}

/** What a rule ignores, and the alert that always fires, are never placed. */
export function toPlace({ store, site, settings }: Placing): readonly Episode[] {
  return store
    .unplacedEpisodes()
    .filter((episode) => episode.name !== settings.watchdog?.alert && !('ignore' in route(episode, site, settings.routes)));
}

function carryOut(conducting: Conducting, placements: readonly Placement[], now: number): void {
  const joins = placements.filter((placement) => placement.place === 'join');
  for (const [incident, group] of Map.groupBy(joins, (one) => one.incident)) join(conducting, incident, group);
  for (const placement of placements) if (placement.place === 'open') open(conducting, placement, now);
}

type Join = Extract<Placement, { place: 'join' }>;

function join(conducting: Conducting, incident: string, joins: readonly Join[]): void {
  const { store, boundary } = conducting;
  const candidates = joins.at(-1)?.candidates ?? [];
  const cause = joins.findLast((one) => one.cause !== undefined)?.cause;
  // Before they are in it: of a bot that died between the two nobody would look at what is in it already.
  wantAnew(conducting, incident);
  store.joinIncident(incident, { members: joins.map(({ episode }) => episode), candidates, ...(cause && { cause }) });
  boundary('incident-joined');
}

function open({ store, log, boundary }: Conducting, placement: Extract<Placement, { place: 'open' }>, now: number): void {
  const { episodes: members, cause, candidates } = placement;
  const id = `inc-${randomBytes(4).toString('hex')}`;
  store.addIncident({ id, cause, candidates, members, openedAt: now });
  boundary('incident-opened');
  log.info({ incident: id, cause, members: members.length }, 'an incident was opened');
}
