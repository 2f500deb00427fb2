import type { Diagnosis } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes } from '../../src/core/hold.ts';
import type { Plan } from '../../src/core/plan.ts';
import { noUndo, steps, stop } from '../../src/core/plan.ts';
import { applyStep, planStep } from '../../src/repairs/stack-steps.ts';
import { knownStack } from '../../src/topology/stack-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** First a plan, then, behind an approval of its own, that very plan: never both under one. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const [because] = diagnosis.findings;
  const known = knownStack(facts);
  if (because === undefined || known === undefined) return stop(WHY[verdictOf(diagnosis)]);
  if (because.code === 'not-planned') return steps(planStep({ because, known, holds: [changes('driver', facts.driver.name)] }));
  const { changes: planned, digest } = facts;
  if (because.code !== 'plan-waits' || planned?.known !== true || digest?.known !== true) return stop(WHY.ill);
  const apply = applyStep({
    because,
    known,
    planned: planned.value,
    digest: digest.value,
    undo: noUndo('Take the commit back in the repository, then plan and apply again.'),
    holds: holdsOf(facts),
    warnings: ['Pods of the driver are made anew, as its chart says: while one is, nothing new is mounted on its node.'],
  });
  return steps(apply);
}

/** The driver, and what its chart makes. */
function holdsOf({ driver }: Facts): readonly [Hold, ...Hold[]] {
  const workloads = [driver.daemonSet, driver.controller].map((name) => changes('workload', `${driver.namespace}/${name}`));
  return [changes('driver', driver.name), ...workloads];
}

const WHY = {
  well: 'The stack is as its commit has it: nothing to do.',
  ill: 'A person has to decide first: see the remedy of the finding.',
  blind: 'Not everything could be seen: no plan is made from what is not known.',
} as const;
