import { applyPlan, checkoutOf, planDigest, planFiles, plannedChanges, savePlan } from '../../src/commands/terraform.ts';
import type { PlannedChanges } from '../../src/commands/terraform-text.ts';
import { goneOf } from '../../src/commands/terraform-text.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes } from '../../src/core/hold.ts';
import type { Check, Plan, Step } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop, verify, within } from '../../src/core/plan.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** First a plan, then, behind an approval of its own, that very plan: never both under one. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const { checkout } = facts;
  const [because] = diagnosis.findings;
  if (because === undefined || !checkout.known) return stop(WHY[verdictOf(diagnosis)]);
  if (because.code === 'not-planned') return steps(planIt(because, facts, checkout.value.commit));
  const { changes: planned, digest } = facts;
  if (because.code !== 'plan-waits' || planned?.known !== true || digest?.known !== true) return stop(WHY.ill);
  return steps(applyIt(because, facts, { commit: checkout.value.commit, planned: planned.value, digest: digest.value }));
}

function isAsCommitted({ stack }: Facts, commit: string): Check {
  return check(
    `${stack.stack} is checked out at ${commit.slice(0, 12)}, without changes of its own`,
    checkoutOf(stack),
    (now) => {
      return now.commit === commit && now.changed.length === 0;
    },
  );
}

function nobodyApplies({ stack }: Facts, commit: string): Check {
  return check('Nobody applies a plan of it, of whatever commit', planFiles(stack, commit), (now) =>
    now.every(({ kind }) => kind !== 'applying'),
  );
}

/** The driver, and what its chart makes. */
function holdsOf({ driver }: Facts): readonly [Hold, ...Hold[]] {
  const workloads = [driver.daemonSet, driver.controller].map((name) => changes('workload', `${driver.namespace}/${name}`));
  return [changes('driver', driver.name), ...workloads];
}

function planIt(because: Finding, facts: Facts, commit: string): Step {
  const { stack, clock, driver } = facts;
  const sinceS = clock.known ? clock.value : 0;
  return {
    title: `Plan ${stack.stack}, and keep the plan`,
    because,
    before: [isAsCommitted(facts, commit), nobodyApplies(facts, commit)],
    change: savePlan(stack, commit),
    after: within(
      60_000,
      verify('A new plan of this commit is saved', planFiles(stack, commit), (now) =>
        now.some(({ kind, madeAtS }) => kind === 'tfplan' && madeAtS >= sinceS),
      ),
    ),
    undo: noUndo('Not needed: a saved plan changes nothing, and is void after an hour.'),
    holds: [changes('driver', driver.name)],
    warnings: [
      ...behindOthers(facts),
      'The state of the stack is locked while it is planned: nobody else can apply it meanwhile.',
      `The saved plan may hold secrets in clear text. It stays in ${stack.terraform.plans}, which only its owner can read.`,
    ],
  };
}

interface Approved {
  readonly commit: string;
  readonly planned: PlannedChanges;
  readonly digest: string;
}

function applyIt(because: Finding, facts: Facts, { commit, planned, digest }: Approved): Step {
  const { stack } = facts;
  const { add, change, destroy } = planned;
  const gone = goneOf(planned);
  return {
    title: `Apply the saved plan of ${stack.stack}: ${add} to add, ${change} to change, ${destroy} to destroy`,
    because,
    before: [
      isAsCommitted(facts, commit),
      check('The saved plan is the one that was read', planDigest(stack, commit), (now) => now === digest),
      check(`It adds ${add}, changes ${change} and destroys ${destroy}`, plannedChanges(stack, commit), (now) => {
        return now.add === add && now.change === change && now.destroy === destroy && isSameList(now, planned);
      }),
      nobodyApplies(facts, commit),
    ],
    change: applyPlan(stack, commit, { digest, destroys: destroy > 0 }),
    after: within(
      60_000,
      verify('It was applied to its end', planFiles(stack, commit), (now) => {
        return now.some(({ kind }) => kind === 'applied') && now.every(({ kind }) => kind !== 'applying' && kind !== 'tfplan');
      }),
    ),
    undo: noUndo('Take the commit back in the repository, then plan and apply again.'),
    holds: holdsOf(facts),
    warnings: [
      ...behindOthers(facts),
      'Pods of the driver are made anew, as its chart says: while one is, nothing new is mounted on its node.',
      ...(destroy > 0 ? [`It destroys: ${gone.join('; ').slice(0, 600)}`] : []),
    ],
  };
}

function isSameList(one: PlannedChanges, other: PlannedChanges): boolean {
  return one.imports === other.imports && one.resources.join('\n') === other.resources.join('\n');
}

/** What others have committed meanwhile is taken back by a plan that does not have it. */
function behindOthers({ checkout }: Facts): readonly string[] {
  if (!checkout.known || checkout.value.behind === 0) return [];
  return [`${checkout.value.behind} commits of the upstream are not checked out: what they did is taken back.`];
}

const WHY = {
  well: 'The stack is as its commit has it: nothing to do.',
  ill: 'A person has to decide first: see the remedy of the finding.',
  blind: 'Not everything could be seen: no plan is made from what is not known.',
} as const;
