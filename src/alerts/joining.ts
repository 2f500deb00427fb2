import type { Episode } from '../core/alert.ts';
import type { IncidentView } from '../core/incident.ts';
import { has } from '../topology/foundation-names.ts';
import type { Growing } from './growing.ts';
import { bySureness, growingOf, takenIn, withAlert } from './growing.ts';
import { isMuted, type Placed } from './placed.ts';
import type { Placement, ToPlace } from './placement.ts';

export interface Joined {
  readonly joins: readonly Placement[];
  /** All that are open now, with what they took in. */
  readonly open: readonly Growing[];
  readonly rest: readonly Placed[];
}

/** Gives to the incidents that there are the alerts that belong to them. */
export function joinKnown(all: readonly Placed[], wanted: ToPlace): Joined {
  const open = new Map(
    wanted.incidents.filter(({ closed }) => closed === undefined).map((view) => [view.id, growingOf(view, wanted)]),
  );
  const joins: Placement[] = [];
  const join = (placed: Placed, before: Growing, after: Growing) => {
    const { id } = before.view;
    const cause = after.cause === before.cause ? {} : { cause: after.cause };
    joins.push({ place: 'join', episode: placed.episode, incident: id, candidates: after.candidates, ...cause });
    open.set(id, after);
  };
  const last = lastOfSeries(wanted);
  const comesBack = (placed: Placed): boolean => {
    const view = last.get(seriesOf(placed.episode));
    // What is muted opens nothing, and nothing again.
    if (view === undefined || (view.closed !== undefined && isMuted(placed))) return false;
    const before = open.get(view.id) ?? growingOf(view, wanted);
    const after = withAlert(before, placed);
    // What it stands on by now may be something else: that does not take their cause from the others.
    const isOfOthers = !has(after.candidates, after.cause) && has(before.candidates, after.cause);
    join(placed, before, isOfOthers ? { ...after, candidates: before.candidates } : after);
    return true;
  };
  const belongs = (placed: Placed): boolean => {
    for (const before of [...open.values()].toSorted(bySureness)) {
      const after = takenIn(before, placed, wanted);
      if (after === undefined) continue;
      join(placed, before, after);
      return true;
    }
    return false;
  };
  let rest = all.filter((placed) => !comesBack(placed));
  // One that joins may tell enough for others to join too.
  for (let before = -1; before !== joins.length; ) {
    before = joins.length;
    rest = rest.filter((placed) => !belongs(placed));
  }
  return { joins, open: [...open.values()], rest };
}

function seriesOf({ source, fingerprint }: Pick<Episode, 'source' | 'fingerprint'>): string {
  return `${source} ${fingerprint}`;
}

/** The incident to which an alert comes back: the open one in which it ended within the window, else the last that ended by itself. */
function lastOfSeries({ incidents, now, windowMs }: ToPlace): ReadonlyMap<string, IncidentView> {
  const endOf = ({ closed }: IncidentView) => closed?.at ?? Number.POSITIVE_INFINITY;
  const isNear = ({ closed }: IncidentView) =>
    closed === undefined || (closed.because === 'all-ended' && now - closed.at < windowMs);
  const inOrder = incidents
    .filter(isNear)
    .toSorted((a, b) => endOf(a) - endOf(b) || a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
  const isLate = ({ closed }: IncidentView, { endsAt }: Episode) => closed === undefined && now - (endsAt ?? now) >= windowMs;
  return new Map(
    inOrder.flatMap((view) =>
      view.members.filter((member) => !isLate(view, member)).map((member) => [seriesOf(member), view] as const),
    ),
  );
}
