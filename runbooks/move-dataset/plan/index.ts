import type { Diagnosis } from '../../../src/core/finding.ts';
import { isSome } from '../../../src/core/finding.ts';
import type { Plan, Step } from '../../../src/core/plan.ts';
import { steps, stop } from '../../../src/core/plan.ts';
import type { Code } from '../codes.ts';
import { OBSTACLES } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { foundOf } from '../state.ts';
import { clusterOf } from '../users.ts';
import { firstCopy } from './copy.ts';
import { cutOver } from './cut-over.ts';
import type { Situation } from './situation.ts';
import { switchOver } from './switch.ts';

const PLANS: Readonly<Partial<Record<Code, (situation: Situation) => readonly Step[] | undefined>>> = {
  'not-moved': firstCopy,
  'half-copied': cutOver,
  'half-moved': switchOver,
};

export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => OBSTACLES.includes(code));
  if (obstacle !== undefined) return stop(`First: ${obstacle.remedy}`);
  if (evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  const because = findings.find(({ code }) => PLANS[code] !== undefined);
  if (because === undefined) return stop(findings[0]?.remedy ?? DONE);
  const cluster = clusterOf(facts.cluster);
  const { place, site, nas } = facts;
  const source = place === undefined ? undefined : foundOf(place.source);
  if (cluster === undefined || place === undefined || source === undefined || nas.flavour === undefined) return stop(BLIND);
  const planned = PLANS[because.code]?.({ site, flavour: nas.flavour, facts, place, source, cluster, because, workName });
  if (planned === undefined) return stop(NOT_OURS);
  return isSome(planned) ? steps(...planned) : stop(DONE);
}

const BLIND = 'Not everything that a move depends on could be seen: no plan is made from what is not known.';
const DONE = 'It is moved: nothing to do. The old dataset stays read-only until a person destroys it.';
const NOT_OURS =
  'A person must export the new path: the exports in force differ from what the files or the middleware would make. Then ask again.';
