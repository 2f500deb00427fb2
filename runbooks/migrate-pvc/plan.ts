import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import type { Code } from './codes.ts';
import { PROGRESS } from './codes.ts';
import { copySteps } from './copy-step.ts';
import type { Facts } from './facts.ts';
import type { Situation } from './situation.ts';
import { usersOf } from './state.ts';
import { stopSteps } from './stop-steps.ts';
import { switchSteps } from './switch-steps.ts';

const PLANS: Readonly<Partial<Record<Code, (situation: Situation) => readonly Step[]>>> = {
  'not-migrated': stopSteps,
  'half-migrated': copySteps,
  'not-switched': switchSteps,
};

/** Stop, copy, switch: what one round did is looked at before the next is planned. */
export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => !PROGRESS.includes(code));
  if (obstacle !== undefined) return stop(obstacle.remedy);
  if (evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  const [because] = findings;
  if (because === undefined) return stop(DONE);
  const { place, cluster } = facts;
  const users = place === undefined ? undefined : usersOf(cluster, place);
  if (place === undefined || users === undefined) return stop(BLIND);
  const planned = PLANS[because.code]?.({ facts, place, users, because, workName }) ?? [];
  return isSome(planned) ? steps(...planned) : stop(because.remedy);
}

const BLIND = 'Not everything that a migration depends on could be seen: no plan is made from what is not known.';
const DONE = 'It is migrated: nothing to do. The old claim is kept for 7 days at least, until a person deletes it.';
