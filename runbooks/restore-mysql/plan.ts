import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import type { Code } from './codes.ts';
import { PROGRESS } from './codes.ts';
import type { Facts } from './facts.ts';
import type { Situation } from './situation.ts';
import { stageOf } from './state.ts';
import { loadStep, safetyStep } from './steps.ts';
import { startSteps, swapSteps } from './swap.ts';

/** Beside first, with nobody stopped; then the swap; then everybody runs again. What one round did is looked at before the next is planned. */
export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => !PROGRESS.includes(code));
  if (obstacle !== undefined) return stop(obstacle.remedy);
  if (evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  const [because] = findings;
  if (because === undefined) return stop(DONE);
  const { server, asked, dumps } = facts;
  if (asked.file === undefined) return stop(because.remedy);
  const [chosen] = dumps;
  if (server === undefined) return stop(BLIND);
  const planned = stepsFor({ facts, server, because, workName, ...(chosen && { chosen }) });
  return isSome(planned) ? steps(...planned) : stop(BLIND);
}

const BLIND = 'Not everything that a restore depends on could be seen: no plan is made from what is not known.';
const DONE =
  'This dump was restored already: nothing is left to do of that. What was put aside is kept until a person drops it. Who lost rows again since finds above what to drop first.';

function stepsFor(situation: Situation): readonly Step[] {
  const { facts, server, chosen } = situation;
  const stage = stageOf(facts, server);
  switch (stage?.is) {
    case 'none':
      if (chosen === undefined) return [];
      return [...(stage.live === undefined ? [] : [safetyStep(situation, stage.live)]), loadStep(situation, chosen)];
    case 'beside':
      return swapSteps(situation, stage);
    case 'restored':
      return startSteps(situation, stage);
    default:
      return [];
  }
}
