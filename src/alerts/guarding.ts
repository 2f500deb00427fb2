import type { Episode } from '../core/alert.ts';
import { type Foundation, isSame, isShared } from '../core/foundation.ts';
import type { Incident, IncidentView } from '../core/incident.ts';
import { type Conducting, isDiagnosing } from './conductor-parts.ts';
import { groundOf, isGroundKnown, mends } from './ground.ts';
import type { Obstacle, Offered } from './offers.ts';
import { toPlace } from './placing.ts';
import { standingOf } from './standing.ts';

/** What is looked at to know whether an offer may stand. */
export interface Guarding extends Pick<Conducting, 'site' | 'settings' | 'maintenance' | 'toJudge'> {
  readonly store: Pick<Conducting['store'], 'openHeads' | 'incident' | 'unplacedEpisodes' | 'wantsDiagnosis' | 'run'>;
  readonly topology: Pick<Conducting['topology'], 'known'>;
}

/** To ask of many offers at one moment. */
export function atThisMoment({ store, site, settings, topology, maintenance, toJudge }: Guarding): Guarding {
  const { wantsDiagnosis, run } = store;
  const heads = store.openHeads();
  const unplaced = store.unplacedEpisodes();
  const views = new Map<string, IncidentView | undefined>();
  const incident = (id: string) => {
    if (!views.has(id)) views.set(id, store.incident(id));
    return views.get(id);
  };
  const known = { openHeads: () => heads, unplacedEpisodes: () => unplaced, incident, wantsDiagnosis, run };
  return { site, settings, topology, maintenance, toJudge, store: known };
}

type Asks = Pick<Incident, 'candidates'>;

/**
 * What keeps the first of these steps from being made in an incident. A plan that comes to mend what is ill is made in its own order. One that was begun is
 * not left half made for maintenance.
 */
export function obstacleTo(guarding: Guarding, incident: Asks, offered: Offered): Obstacle | undefined {
  const says = offered.isBegun === true ? undefined : guarding.maintenance();
  if (says !== undefined) return { is: 'maintenance', by: 'maintenance', says };
  const isUnder = isUnderOf(guarding, incident, offered);
  const heads = guarding.store.openHeads().filter(({ cause }) => isUnder(cause));
  const all = heads.flatMap((head) => obstacleOf(guarding, head) ?? []);
  return all.toSorted((a, b) => ORDER.indexOf(a.is) - ORDER.indexOf(b.is))[0] ?? comingTo(guarding, isUnder);
}

const ORDER: readonly Obstacle['is'][] = ['maintenance', 'ill', 'named', 'looking'];

/** Whether this lies under the first step, and none of the steps mends it. */
function isUnderOf({ site, topology }: Guarding, incident: Asks, { runbook, steps }: Offered): (cause: Foundation) => boolean {
  const around = { site, index: topology.known() };
  const [first] = steps;
  const ground = [...groundOf(first, around), ...(isGroundKnown(first, around) ? [] : incident.candidates)];
  return (cause) =>
    isShared(cause) &&
    ground.some((each) => isSame(each, cause)) &&
    !steps.some((step) => mends({ runbook, step }, cause, around));
}

/** An alert that has no incident yet may say what the next look proves. */
function comingTo(guarding: Guarding, isUnder: (cause: Foundation) => boolean): Obstacle | undefined {
  const { topology, site } = guarding;
  for (const { name, labels } of toPlace(guarding).filter(({ muted }) => muted === undefined)) {
    const ill = standingOf({ name, labels }, topology.known(), site).names.find(isUnder);
    if (ill === undefined) continue;
    const says = `${name} has just begun to fire and says that what this stands on is ill (${ill.kind.replace('-', ' ')} ${ill.name}). It can be approved once that is found well.`;
    return { is: 'looking', by: name, says };
  }
  return undefined;
}

/** What an open incident is to whatever stands on its cause. */
export function obstacleOf(guarding: Guarding, incident: Incident): Obstacle | undefined {
  const { id, cause, runs } = incident;
  const what = `${cause.kind.replace('-', ' ')} ${cause.name}, incident ${id}`;
  if (cause.because === 'proved') {
    const says = `This stands on something that is ill itself (${what}): that comes first, and afterwards this may be well.`;
    return { is: 'ill', by: id, says };
  }
  if (isDiagnosing(guarding, { id, runs })) {
    const says = `What this stands on is being looked at (${what}). It can be approved once that is found well.`;
    return { is: 'looking', by: id, says };
  }
  if (cause.because !== 'named' || !isNamedSince(guarding, incident)) return undefined;
  const says = `An alert says that what this stands on is ill (${what}), and no look has found it well yet: that comes first.`;
  return { is: 'named', by: id, says };
}

type Named = Pick<Incident, 'id' | 'cause' | 'cleared'>;
type Knowing = Pick<Guarding, 'store' | 'topology' | 'site'>;

/** Whether an alert that fires says that it is ill, and came after this time and after the last look that found it well. */
export function isNamedSince(knowing: Knowing, { id, cause, cleared = [] }: Named, at = Number.NEGATIVE_INFINITY): boolean {
  const since = Math.max(at, cleared.find((each) => isSame(each, cause))?.at ?? at);
  const members = knowing.store.incident(id)?.members ?? [];
  return members.some((member) => member.endsAt === undefined && member.receivedAt > since && doesName(knowing, member, cause));
}

function doesName({ topology, site }: Pick<Guarding, 'topology' | 'site'>, member: Episode, cause: Foundation): boolean {
  return standingOf(member, topology.known(), site).names.some((each) => isSame(each, cause));
}
