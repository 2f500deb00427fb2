import type { Foundation, FoundationKind } from '../core/foundation.ts';
import { byDepth, foundationKey, isShared } from '../core/foundation.ts';
import type { Cause, CauseBecause } from '../core/incident.ts';
import { has, sorted } from '../topology/foundation-names.ts';
import type { Placed } from './placed.ts';
import { doesName, inCommon, standsOn } from './placed.ts';

/** Alerts that one cause would explain. */
export interface Group {
  readonly cause: Cause;
  readonly candidates: readonly Foundation[];
  readonly members: readonly [Placed, ...Placed[]];
}

/** So many different subjects are no chance. */
export const MANY = 3;

/**
 * Which of several that explain the same alerts: the one that fewer stand on, and of a NAS and what is in it the NAS, because its diagnosis looks at
 * all of that. Everything stands on the hypervisor: that it could be the cause tells nothing.
 */
const LIKELIEST: readonly FoundationKind[] = [
  'database-server',
  'nas',
  'node',
  'driver',
  'pool',
  'network',
  'backups',
  'alerting',
];

/** Explains all of them by as few causes as there are reasons for: those that alerts name, then those that many share. */
export function cover(all: readonly Placed[]): readonly Group[] {
  const groups: Group[] = [];
  let rest = all;
  const take = (foundation: Foundation, because: CauseBecause, isMember: (placed: Placed) => boolean) => {
    const [first, ...more] = rest.filter(isMember);
    if (first === undefined) return;
    const members: Group['members'] = [first, ...more];
    groups.push({ cause: { ...foundation, because }, candidates: inCommon(members), members });
    const taken = new Set<Placed>(members);
    rest = rest.filter((each) => !taken.has(each));
  };
  const wholes = wholesOf(all);
  for (const named of sorted([...all.flatMap(({ standing }) => standing.names), ...wholes])) {
    const isNaming = (each: Placed) => doesName(each, named) || (has(wholes, named) && isPartOf(each, named));
    if (rest.some(isNaming)) take(named, 'named', (each) => standsOn(each, named));
  }
  for (let shared = mostShared(rest); shared !== undefined; shared = mostShared(rest)) {
    const common = shared;
    take(common, 'shared', (each) => standsOn(each, common));
  }
  for (const subject of sorted(rest.map(({ standing }) => standing.subject)))
    take(subject, 'own', (each) => isAbout(each, subject));
  return groups;
}

/** What is ill on several nodes is ill as a whole. */
function wholesOf(all: readonly Placed[]): readonly Foundation[] {
  const subjects = sorted(all.flatMap(({ standing: { part, subject } }) => (part === undefined ? [] : [subject])));
  return subjects.filter(
    (subject) => new Set(all.filter((each) => isPartOf(each, subject)).map(({ standing }) => standing.part)).size > 1,
  );
}

function isPartOf({ standing: { part, subject } }: Placed, whole: Foundation): boolean {
  return part !== undefined && foundationKey(subject) === foundationKey(whole);
}

/** What is about a volume explains what is about its workload; a machine that an alert is about is not yet ill. */
export function isAbout(placed: Placed, subject: Foundation): boolean {
  return isShared(subject) ? foundationKey(placed.standing.subject) === foundationKey(subject) : standsOn(placed, subject);
}

function mostShared(rest: readonly Placed[]): Foundation | undefined {
  const under = new Map<string, { readonly foundation: Foundation; readonly subjects: Set<string> }>();
  for (const { standing } of rest) {
    const subject = foundationKey(standing.subject);
    for (const foundation of standing.standsOn.filter(({ kind }) => LIKELIEST.includes(kind))) {
      const key = foundationKey(foundation);
      const known = under.get(key) ?? { foundation, subjects: new Set() };
      known.subjects.add(subject);
      under.set(key, known);
    }
  }
  const many = [...under.values()].filter(({ subjects }) => subjects.size >= MANY);
  return many.toSorted((a, b) => b.subjects.size - a.subjects.size || byLikelihood(a.foundation, b.foundation))[0]?.foundation;
}

/** The first explains the same alerts better. */
export function byLikelihood(a: Foundation, b: Foundation): number {
  return LIKELIEST.indexOf(a.kind) - LIKELIEST.indexOf(b.kind) || byDepth(a, b);
}

export function isLikely({ kind }: Foundation): boolean {
  return LIKELIEST.includes(kind);
}
