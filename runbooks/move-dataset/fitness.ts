import type { Diagnosis } from '../../src/core/finding.ts';
import { ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';
import { problem } from './problem.ts';
import { foundOf, stageOf } from './state.ts';

type Part = Diagnosis<Code>;

const NOTHING: Part = { evidence: [], findings: [] };

/** What makes a move impossible or harmful, of the dataset itself and of the pools. */
export function fitness(facts: Facts): Part {
  const { place } = facts;
  if (place === undefined) return NOTHING;
  return together([kind(facts, place), children(facts, place), health(facts), ...room(facts, place)]);
}

const ENCRYPTED = 'it is encrypted, and its copy would not be';
const UNMOUNTED = 'it is not mounted at a path of its own: what lies at that path is something else';
const READ_ONLY = 'it is read-only already, and no copy was begun: somebody else keeps it as it is';

function kind({ dataset, nas }: Facts, place: Place): Part {
  const { properties } = place.source;
  if (!properties.known) return NOTHING;
  const { found } = properties.value;
  const subject = dataset;
  if (found === undefined || found.type === 'volume') {
    const says = found === undefined ? `There is no dataset ${dataset}` : `${dataset} is a volume, and no file system`;
    const remedy =
      'Look with /storage diagnose nfs what the path is: a directory is moved by copying it, and a volume with what uses its blocks.';
    const doNot = 'Do not make a dataset of that name: it would hide the directory that is there.';
    return problem({ code: 'no-dataset', subject, says, remedy, doNot }, properties);
  }
  const hasPath = found.isMounted && found.mountPoint.startsWith('/');
  const why = found.isEncrypted ? ENCRYPTED : !hasPath ? UNMOUNTED : isKept(place) ? READ_ONLY : undefined;
  if (why !== undefined) {
    const remedy = 'A person must decide what is meant, and move it by hand.';
    const proofs = why === READ_ONLY && place.target.properties.known ? [place.target.properties] : [];
    return problem({ code: 'not-movable', subject, says: `${dataset} is not moved: ${why}`, remedy }, properties, ...proofs);
  }
  return {
    evidence: [ok(`${dataset} is a file system, mounted at ${found.mountPoint}`, properties, ...knownOnly(nas.datasets))],
    findings: [],
  };
}

function isKept({ source, target }: Place): boolean {
  return foundOf(source)?.isReadOnly === true && target.properties.known && foundOf(target) === undefined;
}

function knownOnly(seen: Facts['nas']['datasets']): Known<unknown>[] {
  return seen?.known === true ? [seen] : [];
}

function children({ dataset }: Facts, { children: below }: Place): Part {
  if (!below.known || below.value.length === 0) return NOTHING;
  const says = `Below ${dataset} lie ${below.value.join(', ')}`;
  const remedy = 'Move those first, each for itself, or all of them by hand with zfs send -R.';
  return problem({ code: 'has-children', subject: dataset, says, remedy }, below);
}

function health({ dataset, pool, nas: { pools } }: Facts): Part {
  if (!pools?.known) return NOTHING;
  const names = [dataset.slice(0, dataset.indexOf('/')), pool];
  const unfit = names.map((name) => [name, pools.value.find((each) => each.name === name)?.health ?? 'not there'] as const);
  const [name, state] = unfit.find(([, each]) => each !== 'ONLINE') ?? [];
  if (name === undefined) return { evidence: [ok(`${names.join(' and ')} are ONLINE`, pools)], findings: [] };
  const says = `Pool ${name} is ${state}`;
  const remedy = 'Repair the pool before anything is moved.';
  return problem({ code: 'pool-unfit', subject: name, says, remedy }, pools);
}

/** The copy needs as much as the dataset; a fifth more, because it grows until the users are stopped. */
export const MARGIN = 1.2;
const FULL = 0.8;

/** Asked only before the copy is made: afterwards its room is taken. */
function room({ dataset, pool }: Facts, place: Place): readonly Part[] {
  const [own, other] = [place.source.properties, place.pool.properties];
  const [found, onPool] = [foundOf(place.source), foundOf(place.pool)];
  if (!own.known || !other.known || found === undefined || onPool === undefined) return [];
  if (stageOf(place) !== 'nothing' || !place.target.properties.known) return [];
  const proofs = [own, other, place.target.properties] as const;
  const needed = found.usedBytes * MARGIN;
  const figures = `${dataset} has ${gib(found.usedBytes)}, ${pool} has ${gib(onPool.availableBytes)} free`;
  if (onPool.availableBytes <= needed) {
    const remedy = `Make room on ${pool}: ${gib(needed)} are needed, the dataset and a fifth.`;
    return [problem({ code: 'no-room', subject: pool, says: figures, remedy }, ...proofs)];
  }
  const after = (onPool.usedBytes + found.usedBytes) / (onPool.usedBytes + onPool.availableBytes);
  if (after >= FULL) {
    const says = `${pool} would be ${Math.round(after * 100)} % full: ${figures}`;
    const remedy = `Relieve ${pool} first: a pool becomes slow and cannot be freed well from 80 % on.`;
    return [problem({ code: 'pool-unfit', subject: pool, says, remedy }, ...proofs)];
  }
  return [{ evidence: [ok(`${figures}, and would be ${Math.round(after * 100)} % full`, ...proofs)], findings: [] }];
}

function gib(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
