import type { Stack } from '../commands/terraform.ts';
import {
  applyPlan,
  checkoutOf,
  planDigest,
  planFiles,
  plannedChanges,
  savePlan,
  saveReplacingPlan,
} from '../commands/terraform.ts';
import type { PlannedChanges } from '../commands/terraform-text.ts';
import { goneOf } from '../commands/terraform-text.ts';
import type { Finding } from '../core/finding.ts';
import type { Hold } from '../core/hold.ts';
import type { Check, NoUndo, Step, Verification } from '../core/plan.ts';
import { check, noUndo, verify, within } from '../core/plan.ts';
import type { KnownStack } from '../topology/stack-look.ts';

/** What both steps of a stack are made from. */
interface StackStep {
  readonly because: Finding;
  readonly known: KnownStack;
  /** What must be so besides. */
  readonly before?: readonly Check[];
  readonly holds: readonly [Hold, ...Hold[]];
  readonly warnings?: readonly string[];
}

export function isAsCommitted(stack: Stack, commit: string): Check {
  const says = `${stack.stack} is checked out at ${commit.slice(0, 12)}, without changes of its own`;
  return check(says, checkoutOf(stack), (now) => now.commit === commit && now.changed.length === 0);
}

export function nobodyApplies(stack: Stack, commit: string): Check {
  return check('Nobody applies a plan of it, of whatever commit', planFiles(stack, commit), (now) =>
    now.every(({ kind }) => kind !== 'applying'),
  );
}

/** Plans the stack and keeps the plan; with `replaces`, the one resource at this address is to be made anew. */
export function planStep({
  because,
  known,
  before = [],
  holds,
  warnings = [],
  replaces,
}: StackStep & { readonly replaces?: string }): Step {
  const { stack } = known.look;
  const { commit } = known.checkout.value;
  const sinceS = known.clock.value;
  return {
    title: replaces === undefined ? `Plan ${stack.stack}, and keep the plan` : `Plan to make ${replaces} anew, and keep the plan`,
    because,
    before: [isAsCommitted(stack, commit), nobodyApplies(stack, commit), ...before],
    change: replaces === undefined ? savePlan(stack, commit) : saveReplacingPlan(stack, commit, replaces),
    after: within(
      60_000,
      verify('A new plan of this commit is saved', planFiles(stack, commit), (now) =>
        now.some(({ kind, madeAtS }) => kind === 'tfplan' && madeAtS >= sinceS),
      ),
    ),
    undo: noUndo('Not needed: a saved plan changes nothing, and is void after an hour.'),
    holds,
    warnings: [
      ...behindOthers(known),
      'The state of the stack is locked while it is planned: nobody else can apply it meanwhile.',
      `The saved plan may hold secrets in clear text. It stays in ${stack.terraform.plans}, which only its owner can read.`,
      ...warnings,
    ],
  };
}

interface Approved {
  readonly planned: PlannedChanges;
  readonly digest: string;
  readonly undo: NoUndo;
  /** Where more than the end of the application tells that it is done. */
  readonly after?: Verification;
}

/** Applies exactly the plan that was read. */
export function applyStep({
  because,
  known,
  before = [],
  holds,
  warnings = [],
  planned,
  digest,
  undo,
  after,
}: StackStep & Approved): Step {
  const { stack } = known.look;
  const { commit } = known.checkout.value;
  const { add, change, destroy } = planned;
  return {
    title: `Apply the saved plan of ${stack.stack}: ${add} to add, ${change} to change, ${destroy} to destroy`,
    because,
    before: [
      isAsCommitted(stack, commit),
      check('The saved plan is the one that was read', planDigest(stack, commit), (now) => now === digest),
      check(`It adds ${add}, changes ${change} and destroys ${destroy}`, plannedChanges(stack, commit), (now) => {
        return now.add === add && now.change === change && now.destroy === destroy && isSameList(now, planned);
      }),
      nobodyApplies(stack, commit),
      ...before,
    ],
    change: applyPlan(stack, commit, { digest, destroys: destroy > 0 }),
    after: after ?? appliedToItsEnd(stack, commit),
    undo,
    holds,
    warnings: [
      ...behindOthers(known),
      ...warnings,
      ...(destroy > 0 ? [`It destroys: ${goneOf(planned).join('; ').slice(0, 600)}`] : []),
    ],
  };
}

function appliedToItsEnd(stack: Stack, commit: string): Verification {
  return within(
    60_000,
    verify('It was applied to its end', planFiles(stack, commit), (now) => {
      return now.some(({ kind }) => kind === 'applied') && now.every(({ kind }) => kind !== 'applying' && kind !== 'tfplan');
    }),
  );
}

function isSameList(one: PlannedChanges, other: PlannedChanges): boolean {
  return one.imports === other.imports && one.resources.join('\n') === other.resources.join('\n');
}

/** What others have committed meanwhile is taken back by a plan that does not have it. */
function behindOthers({ checkout: { value } }: KnownStack): readonly string[] {
  if (value.behind === 0) return [];
  return [`${value.behind} commits of the upstream are not checked out: what they did is taken back.`];
}
