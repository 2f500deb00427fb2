import type { Plan, Step, Undo } from '../../src/core/plan.ts';
import { stepsOf, within } from '../../src/core/plan.ts';
import type { Look, Runbook } from '../../src/core/runbook.ts';

/** The same runbook, whose verifications wait no longer than this: in the lab, what a change causes has come when it returns. */
export function hurried(runbook: Runbook, patienceMs: number): Runbook {
  const sooner = (plan: Plan): Plan => {
    const [first, ...more] = stepsOf(plan).map((step) => hurriedStep(step, patienceMs));
    return first === undefined ? plan : { steps: [first, ...more] };
  };
  const soon = (look: Look): Look => ({ ...look, plan: sooner(look.plan), planAs: (name) => sooner(look.planAs(name)) });
  return { ...runbook, look: async (...asked) => soon(await runbook.look(...asked)) };
}

function hurriedStep(step: Step, patienceMs: number): Step {
  const hurry = <T extends Pick<Step, 'after'>>(one: T): T => ({
    ...one,
    after: within(Math.min(one.after.withinMs, patienceMs), one.after),
  });
  const back = ({ afterwards, ...undo }: Undo): Undo => ({
    ...hurry(undo),
    ...(afterwards === undefined ? {} : { afterwards: hurry(afterwards) }),
  });
  return { ...hurry(step), undo: 'none' in step.undo ? step.undo : back(step.undo) };
}
