import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import type { Code } from './codes.ts';
import { PROGRESS } from './codes.ts';
import { placeOf } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { isWithoutCopy } from './facts.ts';
import { stopped } from './gather.ts';
import { restoredOf } from './restored.ts';
import type { Situation } from './situation.ts';
import { restoreStep, safetyCopyStep } from './steps.ts';
import { startSteps, stopSteps, swapStep } from './swap-steps.ts';

/** Restore beside, swap, start: what one round did is looked at before the next is planned. */
export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => !PROGRESS.includes(code));
  if (obstacle !== undefined) return stop(obstacle.remedy);
  if (evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  if (facts.asked.what === 'list') return stop(CHOOSE);
  const [because] = findings;
  if (because === undefined) return stop(DONE);
  const again = restoredOf(facts);
  if (again !== undefined) {
    const starts = startSteps({ ...again, because, live: again.stage.live }, stopped(again.target));
    return isSome(starts) ? steps(...starts) : stop(DONE);
  }
  const at = placeOf(facts);
  const planned = at === undefined ? [] : stepsFor({ ...at, because, workName });
  return isSome(planned) ? steps(...planned) : stop(BLIND);
}

const BLIND = 'Not everything that a restore depends on could be seen: no plan is made from what is not known.';
const CHOOSE = 'Choose a database, then one of its dumps: … linkwarden from dump_2026_04_03_00_00.sql.gz';
const DONE =
  'The database is what was asked for: nothing to do. What was put aside is kept until a person drops it. To restore the same dump once more, remove its mark first: COMMENT ON DATABASE … IS NULL.';

function stepsFor(situation: Situation): readonly Step[] {
  const { stage, owner, target, facts, because } = situation;
  if (because.code === 'not-started') return startSteps({ ...situation, live: stage.live }, stopped(target));
  if (stage.is === 'beside') {
    const running = target.dependants.users.filter(({ runs }) => runs > 0);
    return [...stopSteps(situation, running), swapStep(situation, stage.made)];
  }
  if (owner === undefined) return [];
  const copy = stage.live === undefined || isWithoutCopy(facts) ? [] : [safetyCopyStep(situation, stage.live)];
  return [...copy, restoreStep(situation, owner)];
}
