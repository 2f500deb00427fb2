import type { Diagnosis } from '../../src/core/finding.ts';
import { bad, isSome, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import { OBSTACLES } from './codes.ts';
import { copyObstacles } from './copy-fitness.ts';
import type { Facts } from './facts.ts';
import { fitness } from './fitness.ts';
import { nameless } from './names.ts';
import { progressOf } from './progress.ts';
import type { Cluster } from './users.ts';
import { clusterOf, immovable, looksOf } from './users.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const cluster = clusterOf(facts.cluster);
  const obstacles = together([fitness(facts), copyObstacles(facts), users(facts, cluster)]);
  const unseen = notSeen('NAS and cluster', looks(facts));
  const seen: Part = { evidence: unseen, findings: [] };
  const isClear = unseen.length === 0 && !obstacles.findings.some(({ code }) => OBSTACLES.includes(code));
  const progress = isClear && cluster !== undefined ? progressOf(facts, cluster) : { evidence: [], findings: [] };
  return together([seen, obstacles, progress]);
}

/** Everything that a plan would be made from. */
export function looks({ nas, cluster, place }: Facts): readonly Seen<unknown>[] {
  const { kernel, middleware, active, file, dropIns, datasets, pools, shares } = nas;
  const ofPlace = place === undefined ? [] : [place.source, place.target, place.pool].flatMap(looksOfDataset);
  return [
    ...[kernel, middleware, active, file, dropIns, datasets, pools, shares].filter((each) => each !== undefined),
    ...(place === undefined ? [] : [place.children, place.directory]),
    ...ofPlace,
    ...looksOf(cluster),
  ];
}

type LookedAt = Record<'properties', Seen<unknown>> & Partial<Record<'snapshots' | 'written' | 'content', Seen<unknown>>>;

function looksOfDataset({ properties, snapshots, written, content }: LookedAt): readonly Seen<unknown>[] {
  return [properties, snapshots, written, content].filter((each) => each !== undefined);
}

function users({ place, site, dataset, pool }: Facts, cluster: Cluster | undefined): Part {
  const { properties } = place?.source ?? {};
  if (
    place === undefined ||
    cluster === undefined ||
    properties?.known !== true ||
    properties.value.found === undefined ||
    !place.path.startsWith('/')
  )
    return { evidence: [], findings: [] };
  const proofs = [properties, ...cluster.proofs];
  const [first, ...more] = proofs;
  const found = [...immovable(place.path, cluster, site), ...nameless(place, pool, cluster)];
  if (!isSome(found) || first === undefined)
    return { evidence: [ok(`Whoever uses ${dataset} can be stopped and started`, ...proofs)], findings: [] };
  return {
    evidence: found.map(({ subject, why }) => bad(`${subject} cannot be moved: ${why}`, first, ...more)),
    findings: found.map(({ subject, why }) => ({
      code: 'user-not-movable',
      subject,
      says: `${subject} uses ${place.path}, and the bot cannot move it: ${why}`,
      remedy: 'Stop it by the way in which it is run, or move the dataset by hand.',
      doNot: 'Do not move the dataset under a user that runs: what it writes meanwhile is lost.',
      seen: [first, ...more],
    })),
  };
}
