import { clockOf } from '../commands/node-system.ts';
import type { PlanFile, PlanKind, Stack } from '../commands/terraform.ts';
import { checkoutOf, planDigest, planFile, planFiles, plannedChanges } from '../commands/terraform.ts';
import type { Checkout, PlannedChanges } from '../commands/terraform-text.ts';
import type { Finding } from '../core/finding.ts';
import type { Known, Reader, Seen } from '../core/reading.ts';

/** A stack of Terraform as it is checked out, and what is kept of it. */
export interface StackLook {
  readonly stack: Stack;
  readonly clock: Seen<number>;
  readonly checkout: Seen<Checkout>;
  /** Of the commit that is checked out; absent where that could not be seen. */
  readonly files?: Seen<readonly PlanFile[]>;
  /** Of the saved plan, where there is one. */
  readonly digest?: Seen<string>;
  readonly changes?: Seen<PlannedChanges>;
}

/** What was planned longer ago is planned anew: the cluster may have changed under it. */
const FRESH_S = 3_600;

/** What was made later than now was made by a clock that went wrong. */
const SLACK_S = 60;

export async function lookAtStack(read: Reader, stack: Stack): Promise<StackLook> {
  const [clock, checkout] = await Promise.all([read(clockOf(stack.terraform.host)), read(checkoutOf(stack))]);
  if (!checkout.known) return { stack, clock, checkout };
  const { commit } = checkout.value;
  const files = await read(planFiles(stack, commit));
  const base = { stack, clock, checkout, files };
  if (ageS(base, 'tfplan') === undefined) return base;
  // In this order: a plan that is saved in between has another digest than the one that is compared before it is applied.
  const digest = await read(planDigest(stack, commit));
  const changes = await read(plannedChanges(stack, commit));
  return { ...base, digest, changes };
}

export function looksAtStack({ clock, checkout, files, digest, changes }: StackLook): readonly Seen<unknown>[] {
  return [clock, checkout, ...(files ? [files] : []), ...(digest ? [digest] : []), ...(changes ? [changes] : [])];
}

/** How long ago a file of this kind was made; undefined where there is none, or that could not be seen. */
export function ageS({ clock, files }: Pick<StackLook, 'clock' | 'files'>, kind: PlanKind): number | undefined {
  if (!clock.known || !files?.known) return undefined;
  const file = files.value.find((each) => each.kind === kind);
  return file && clock.value - file.madeAtS;
}

export function isFresh(look: Pick<StackLook, 'clock' | 'files'>, kind: PlanKind): boolean {
  const age = ageS(look, kind);
  return age !== undefined && age >= -SLACK_S && age <= FRESH_S;
}

/** A stack of which checkout, kept plans and the time are known. */
export interface KnownStack {
  readonly look: StackLook;
  readonly checkout: Known<Checkout>;
  readonly files: Known<readonly PlanFile[]>;
  readonly clock: Known<number>;
}

export function knownStack(look: StackLook): KnownStack | undefined {
  const { clock, checkout, files } = look;
  return clock.known && checkout.known && files?.known === true ? { look, clock, checkout, files } : undefined;
}

/** What no stack may be planned or applied with. */
export const STACK_CODES = {
  'changes-uncommitted': 'Files of the stack differ from the commit that is checked out.',
  'apply-unfinished': 'An application of a plan began and did not end as it should.',
} as const;

export type StackCode = keyof typeof STACK_CODES;

export function stackObstacle(known: KnownStack): Finding<StackCode> | undefined {
  return unfinished(known) ?? uncommitted(known);
}

/** Somebody applies at this moment, or an application ended with an error: what of it was done only Terraform's state tells. */
function unfinished({ look, checkout, files, clock }: KnownStack): Finding<StackCode> | undefined {
  const age = ageS(look, 'applying');
  const applied = files.value.find(({ kind }) => kind === 'applying');
  if (age === undefined || applied === undefined) return undefined;
  const { stack } = look;
  const file = planFile(stack, applied.commit, 'applying');
  return {
    code: 'apply-unfinished',
    subject: stack.stack,
    says: `An application of a plan of ${stack.stack} began ${Math.round(age / 60)} minutes ago and has not ended as it should: ${file} is still there`,
    remedy: `Read its log beside it, on ${stack.terraform.host.name}. Once nobody applies any more, take that file away and ask again: the next plan says what is still to be done.`,
    doNot: 'Do not apply again and do not unlock the state before it is known that nothing runs.',
    seen: [checkout, files, clock],
  };
}

function uncommitted({ look, checkout }: KnownStack): Finding<StackCode> | undefined {
  const { changed } = checkout.value;
  if (changed.length === 0) return undefined;
  const { stack, terraform } = look.stack;
  return {
    code: 'changes-uncommitted',
    subject: stack,
    says: `${changed.join(', ').slice(0, 300)} on ${terraform.host.name} differ from the commit that is checked out, in the stack or in what stacks share: a plan would hold what nobody has reviewed`,
    remedy: 'Commit the change or take it back, and ask again.',
    seen: [checkout],
  };
}

/** Which commit, and how far it is from what others have. */
export function whereIs({ commit, branch, ahead, behind }: Checkout): string {
  const place = [
    branch ?? 'no branch',
    ...(ahead > 0 ? [`${ahead} of its commits are not pushed`] : []),
    ...(behind > 0 ? [`${behind} commits of its upstream are missing`] : []),
  ];
  return `${commit.slice(0, 12)} (${place.join('; ')})`;
}
