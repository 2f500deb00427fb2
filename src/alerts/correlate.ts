import { severityOf } from '../core/alert.ts';
import { foundationKey, isShared } from '../core/foundation.ts';
import { has } from '../topology/foundation-names.ts';
import type { Group } from './cover.ts';
import { cover } from './cover.ts';
import type { Growing } from './growing.ts';
import { bySureness, companyOf, explains, withAlert } from './growing.ts';
import { joinKnown } from './joining.ts';
import type { Placed } from './placed.ts';
import { inOrder, isMuted, placedOf } from './placed.ts';
import type { Placement, ToPlace } from './placement.ts';

/** So many times `gatherForMs` at most waits what is urgent, and what has the hypervisor alone in common with a diagnosis. */
const PATIENCE = 6;

/** Gives each alert that has no incident one, or says how long it waits. In which order the alerts came does not matter. */
export function correlate(wanted: ToPlace): readonly Placement[] {
  const all = inOrder(wanted.unplaced).map((episode) => placedOf(episode, wanted.standing(episode)));
  const { joins, open, rest } = joinKnown(all, wanted);
  return [...joins, ...openNew(rest, open, wanted)];
}

/** Of two that may have one cause, the second waits for the diagnosis of the first: it may prove that cause. */
function openNew(rest: readonly Placed[], open: readonly Growing[], wanted: ToPlace): readonly Placement[] {
  const looking = new Set(open.filter(({ runs }) => runs).flatMap(sharedKeys));
  // What is muted goes with what opens, and opens nothing.
  let muted = rest.filter(isMuted);
  const placements = cover(rest.filter((placed) => !isMuted(placed))).flatMap((group): readonly Placement[] => {
    const waits = waitOf(group, { open, looking }, wanted);
    if (waits !== undefined) return group.members.map(({ episode }) => ({ place: 'wait', episode, ...waits }));
    for (const key of sharedKeys(group)) looking.add(key);
    const company = inCompany(group, open, wanted);
    if (company !== undefined) return company;
    const along = muted.filter((placed) => explains(group.cause, placed));
    muted = muted.filter((placed) => !explains(group.cause, placed));
    return [opened(group, along)];
  });
  const left = muted.map(({ episode }): Placement => ({ place: 'wait', episode, for: 'muted', until: Number.POSITIVE_INFINITY }));
  return [...placements, ...left];
}

function sharedKeys({ candidates }: Pick<Group, 'candidates'>): readonly string[] {
  return candidates.filter(isShared).map(foundationKey);
}

interface Around {
  readonly open: readonly Growing[];
  /** What a diagnosis that runs may prove. */
  readonly looking: ReadonlySet<string>;
}

type Wait = Pick<Extract<Placement, { place: 'wait' }>, 'for' | 'until' | 'asks'>;

/** Undefined where it waits no longer. */
function waitOf(group: Group, { open, looking }: Around, wanted: ToPlace): Wait | undefined {
  const { now, gatherForMs } = wanted;
  const oldest = group.members.reduce((first, { episode }) => Math.min(first, episode.receivedAt), now);
  const doubted = doubtedBy(group, open);
  const asks = doubted && { asks: doubted.view.id };
  if (now < oldest + gatherForMs) return { for: 'gathering', until: oldest + gatherForMs, ...asks };
  const doubt = oldest + patienceOf(group, looking, wanted);
  return now < doubt ? { for: 'diagnosing', until: Math.min(doubt, now + gatherForMs), ...asks } : undefined;
}

/** The incident whose cause would explain it, had it been found ill lately. */
function doubtedBy({ candidates }: Group, open: readonly Growing[]): Growing | undefined {
  const old = open.filter(({ cause, isCurrent }) => cause.because === 'proved' && !isCurrent && has(candidates, cause));
  return old.toSorted(bySureness)[0];
}

/** How long a group waits for diagnoses that may prove its cause. */
function patienceOf({ cause, candidates, members }: Group, looking: ReadonlySet<string>, wanted: ToPlace): number {
  const { gatherForMs, windowMs } = wanted;
  const isUrgent = cause.because === 'named' || members.some(({ episode }) => severityOf(episode) === 'critical');
  const inDoubt = candidates.filter((each) => isShared(each) && looking.has(foundationKey(each)));
  const isClose = inDoubt.some(({ kind }) => kind !== 'hypervisor' || kind === cause.kind);
  if (isClose) return isUrgent ? PATIENCE * gatherForMs : windowMs;
  // Everything stands on the hypervisor: what is urgent does not wait for that.
  return inDoubt.length > 0 && !isUrgent ? PATIENCE * gatherForMs : 0;
}

/** Alerts that came one after the other, each diagnosed without a proof, may be many by now: then the oldest incident takes them in. */
function inCompany(group: Group, open: readonly Growing[], wanted: ToPlace): readonly Placement[] | undefined {
  const company = companyOf(group, open, wanted);
  if (company === undefined) return undefined;
  let incident = company;
  return group.members.map((placed): Placement => {
    incident = withAlert(incident, placed);
    const { view, candidates, cause } = incident;
    return { place: 'join', episode: placed.episode, incident: view.id, candidates, cause };
  });
}

function opened({ cause, candidates, members: [first, ...more] }: Group, along: readonly Placed[]): Placement {
  return { place: 'open', episodes: [first.episode, ...[...more, ...along].map(({ episode }) => episode)], cause, candidates };
}
