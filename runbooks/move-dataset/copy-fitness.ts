import { isSameTree } from '../../src/commands/trees.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, ok } from '../../src/core/finding.ts';
import { describeTree } from '../../src/repairs/copy-tree.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';
import { problem } from './problem.ts';
import { commonSnapshot, foundOf, stageOf } from './state.ts';

type Part = Diagnosis<Code>;

const NOTHING: Part = { evidence: [], findings: [] };

/** What is in the way at the place where the copy is to be, or is. */
export function copyObstacles({ place }: Facts): Part {
  if (place === undefined || foundOf(place.source) === undefined) return NOTHING;
  switch (stageOf(place)) {
    case 'nothing':
      return hidden(place);
    case 'foreign':
      return foreign(place);
    case 'copied':
      return changed(place);
    case 'complete':
      return compared(place);
    case undefined:
      return NOTHING;
  }
}

/** A dataset that is mounted over a directory hides what is in it. */
function hidden({ target, newPath, directory }: Place): Part {
  if (!directory.known || !target.properties.known) return NOTHING;
  const [found] = directory.value;
  if (found?.found === undefined) return { evidence: [ok(`Nothing is at ${newPath} yet`, directory)], findings: [] };
  const says = `${newPath} exists already, and is no dataset: the copy would hide what is in it`;
  const remedy = 'Look what it is, and give it another name by hand.';
  return problem({ code: 'target-exists', subject: target.name, says, remedy }, directory, target.properties);
}

function foreign({ source, target }: Place): Part {
  if (!target.properties.known || source.snapshots?.known !== true || target.snapshots?.known !== true) return NOTHING;
  const says = `${target.name} exists, and has no snapshot of this bot's in common with ${source.name}`;
  const remedy =
    'Look what it holds. Where it is what a move left that was taken back, a person compares both and destroys it; the bot does not.';
  const doNot = `Do not receive into ${target.name} with -F: that rolls it back, or destroys what it holds.`;
  return problem(
    { code: 'target-exists', subject: target.name, says, remedy, doNot },
    target.properties,
    source.snapshots,
    target.snapshots,
  );
}

function changed(place: Place): Part {
  const { source, target } = place;
  const [snapshots, copied, own] = [source.snapshots, target.snapshots, source.written];
  if (target.written?.known !== true || own?.known !== true || !source.properties.known) return NOTHING;
  if (snapshots?.known !== true || copied?.known !== true) return NOTHING;
  const later = laterSnapshots(place);
  if (isSome(later)) return snapshotted(place, later);
  if (target.written.value === 0)
    return { evidence: [ok(`Nobody wrote to the copy ${target.name}`, target.written)], findings: [] };
  const says = `${target.written.value} bytes were written to ${target.name} since it was copied, and ${source.name} may change too`;
  const remedy = 'A person compares the two and decides which one is right.';
  const doNot = `Do not update the copy with zfs receive -F: what was written to ${target.name} would be gone.`;
  const proofs = [own, source.properties, snapshots, copied] as const;
  return problem({ code: 'copy-changed', subject: target.name, says, remedy, doNot }, target.written, ...proofs);
}

/** zfs brings a copy up to date only from its latest snapshot. */
function laterSnapshots(place: Place): readonly string[] {
  const all = place.target.snapshots?.known === true ? place.target.snapshots.value : [];
  const last = all.findIndex(({ guid }) => guid === commonSnapshot(place)?.guid);
  return all.slice(last + 1).map(({ name }) => name);
}

function snapshotted({ source, target }: Place, later: readonly [string, ...string[]]): Part {
  if (target.snapshots?.known !== true || source.snapshots?.known !== true || source.written?.known !== true) return NOTHING;
  const says = `The copy has snapshots that ${source.name} has not: ${later.join(', ')}`;
  const remedy =
    'A person destroys these snapshots of the copy, if nobody worked on it; a job that takes them is to leave it out. Then ask again.';
  return problem(
    { code: 'copy-changed', subject: target.name, says, remedy },
    target.snapshots,
    source.snapshots,
    source.written,
  );
}

/** The same number of nothing proves nothing: then neither was what it should be. */
function compared(place: Place): Part {
  const { source, target } = place;
  const [own, copied] = [source.content, target.content];
  if (own?.known !== true || copied?.known !== true || source.written?.known !== true) return NOTHING;
  const [a, b] = [own.value, copied.value];
  const figures = `${source.name} has ${describeTree(a)}; ${target.name} has ${describeTree(b)}`;
  if (a.files > 0 && isSameTree(a, b)) return { evidence: [ok(figures, own, copied)], findings: [] };
  const says = a.files === 0 && b.files === 0 ? `${figures}: 0 and 0 proves nothing` : figures;
  const remedy = `Find out why, beginning with what is mounted at the two paths; ${commonSnapshot(place)?.short} is what was copied.`;
  const doNot = 'Do not let anybody work on the copy before both hold the same.';
  return problem({ code: 'copy-differs', subject: target.name, says, remedy, doNot }, own, copied);
}
