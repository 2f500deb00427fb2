import type { Foundation } from '../core/foundation.ts';
import { byDepth, foundationKey, isSame } from '../core/foundation.ts';
import type { Cause, CauseBecause, IncidentView } from '../core/incident.ts';
import { has } from '../topology/foundation-names.ts';
import type { Group } from './cover.ts';
import { byLikelihood, isAbout, isLikely, MANY } from './cover.ts';
import type { Placed } from './placed.ts';
import { isMuted, standsOn } from './placed.ts';
import type { Standing, ToPlace } from './placement.ts';

/** An incident, and what the alerts that it has just taken in make of it. */
export interface Growing {
  readonly view: IncidentView;
  readonly cause: Cause;
  readonly candidates: readonly Foundation[];
  /** When the last of its alerts was heard of. */
  readonly heardAt: number;
  readonly runs: boolean;
  /** Its cause explains what fires now, and not only what fired once. */
  readonly isCurrent: boolean;
}

type Known = Pick<ToPlace, 'running' | 'standing' | 'now' | 'windowMs'>;

export function growingOf(view: IncidentView, known: Known): Growing {
  const { cause, candidates } = view;
  const told = view.members.filter(({ muted }) => muted === undefined);
  const heardAt = told.reduce((last, { receivedAt }) => Math.max(last, receivedAt), view.openedAt);
  return { view, cause, candidates, heardAt, runs: known.running(view), isCurrent: isCurrent(view, heardAt, known) };
}

/** What was looked at and is well explains no more by being shared, and only for the window by being named. */
function isCurrent(view: IncidentView, heardAt: number, { standing, now, windowMs }: Known): boolean {
  const { cause, members } = view;
  switch (cause.because) {
    case 'own':
      return true;
    case 'shared':
      return now - heardAt < windowMs && !isWell(view);
    case 'named':
      if (now - heardAt < windowMs) return true;
      return !isWell(view) && members.some((member) => member.endsAt === undefined && tellsOf(standing(member), cause));
    case 'proved':
      return now - (cause.provedAt ?? Number.NEGATIVE_INFINITY) < windowMs;
  }
}

function isWell({ cause, cleared = [] }: IncidentView): boolean {
  return has(cleared, cause);
}

function tellsOf({ names, part, subject }: Standing, cause: Foundation): boolean {
  return has(names, cause) || (part !== undefined && isSame(subject, cause));
}

/** What becomes of the incident with this alert in it; undefined where the alert does not belong to it. */
export function takenIn(
  incident: Growing,
  placed: Placed,
  { now, windowMs }: Pick<ToPlace, 'now' | 'windowMs'>,
): Growing | undefined {
  const { cause, heardAt } = incident;
  const joined = withAlert(incident, placed);
  if (incident.isCurrent && explains(cause, placed)) return joined;
  if (now - heardAt >= windowMs || cause.because === 'proved' || isMuted(placed)) return undefined;
  if (joined.cause !== cause) return joined;
  const isGuess = cause.because === 'shared' && !isWell(incident.view);
  const [likely] = isGuess ? common(incident, placed).filter(isLikely).toSorted(byLikelihood) : [];
  return likely === undefined ? undefined : { ...joined, cause: { ...likely, because: 'shared' } };
}

export function explains(cause: Cause, placed: Placed): boolean {
  return cause.because === 'own' ? isAbout(placed, cause) : standsOn(placed, cause);
}

/** An alert that names what all of them stand on tells more than that they do. One that is muted may be old, and tells nothing of the others. */
export function withAlert(incident: Growing, placed: Placed): Growing {
  if (isMuted(placed)) return incident;
  const { cause, candidates, heardAt } = incident;
  const named = cause.because === 'proved' ? undefined : placed.standing.names.find((each) => has(candidates, each));
  const tellsMore = named !== undefined && (cause.because !== 'named' || byDepth(named, cause) < 0);
  const left = common(incident, placed);
  return {
    ...incident,
    cause: tellsMore ? { ...named, because: 'named' } : cause,
    // One that comes back, while the topology says otherwise by now, tells nothing of the others.
    candidates: left.length === 0 ? candidates : left,
    heardAt: Math.max(heardAt, placed.episode.receivedAt),
    isCurrent: tellsMore || incident.isCurrent,
  };
}

function common({ candidates }: Growing, placed: Placed): readonly Foundation[] {
  return candidates.filter((each) => standsOn(placed, each));
}

const SURENESS: readonly CauseBecause[] = ['proved', 'named', 'own', 'shared'];

/** The surer explanation comes first, then the lower one, then the older. */
export function bySureness(a: Growing, b: Growing): number {
  return SURENESS.indexOf(a.cause.because) - SURENESS.indexOf(b.cause.because) || byDepth(a.cause, b.cause) || byAge(a, b);
}

function byAge({ view: a }: Growing, { view: b }: Growing): number {
  return a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);
}

/** The incident of many on the same thing; else the oldest that stands alone, when with others like it and this group it is one of many on something. */
export function companyOf(
  group: Group,
  open: readonly Growing[],
  { now, windowMs }: Pick<ToPlace, 'now' | 'windowMs'>,
): Growing | undefined {
  if (group.cause.because === 'named') return undefined;
  const recent = open.filter(({ heardAt }) => now - heardAt < windowMs);
  // What many share was found well: one of these is alone with that no more than the others.
  const same = recent.find(
    ({ cause }) => cause.because === 'shared' && group.cause.because === 'shared' && isSame(cause, group.cause),
  );
  if (same !== undefined) return same;
  const alone = recent.filter(({ cause }) => cause.because === 'own');
  const subjects = group.members.map(({ standing }) => foundationKey(standing.subject));
  const shared = group.candidates.filter(isLikely).map((foundation) => {
    const others = alone.filter(({ candidates }) => has(candidates, foundation));
    return { foundation, others, many: new Set([...subjects, ...others.map(({ cause }) => foundationKey(cause))]).size };
  });
  const [most] = shared
    .filter(({ others, many }) => others.length > 0 && many >= MANY)
    .toSorted((a, b) => b.many - a.many || byLikelihood(a.foundation, b.foundation));
  const oldest = most?.others.toSorted(byAge)[0];
  return most && oldest && { ...oldest, cause: { ...most.foundation, because: 'shared' } };
}
