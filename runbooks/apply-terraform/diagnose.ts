import { planFile, plannedChanges } from '../../src/commands/terraform.ts';
import type { Checkout, PlannedChanges } from '../../src/commands/terraform-text.ts';
import { commandLine } from '../../src/core/command.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { notSeen, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { ageS, isFresh } from './facts.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { stack, clock, checkout, files, digest, changes } = facts;
  const seen = [clock, checkout, ...(files ? [files] : []), ...(digest ? [digest] : []), ...(changes ? [changes] : [])];
  const evidence = notSeen(`Plans of ${stack.stack} on ${stack.terraform.host.name}`, seen);
  if (!checkout.known || !files?.known || !clock.known) return { evidence, findings: [] };
  const is = ok(`${stack.stack} is checked out at ${whereIs(checkout.value)} on ${stack.terraform.host.name}`, checkout);
  const known = { facts, checkout, files, clock };
  const finding = unfinished(known) ?? uncommitted(known);
  if (finding !== undefined) return { evidence: [is, ...evidence], findings: [finding] };
  const rest = judge(known);
  return { evidence: [is, ...rest.evidence, ...evidence], findings: rest.findings };
}

interface KnownFacts {
  readonly facts: Facts;
  readonly checkout: Known<Checkout>;
  readonly files: Known<unknown>;
  readonly clock: Known<unknown>;
}

/** Somebody applies at this moment, or an application ended with an error: what of it was done only Terraform's state tells. */
function unfinished({ facts, checkout, files, clock }: KnownFacts): Finding<Code> | undefined {
  const age = ageS(facts, 'applying');
  const applied = facts.files?.known ? facts.files.value.find(({ kind }) => kind === 'applying') : undefined;
  if (age === undefined || applied === undefined) return undefined;
  const { stack } = facts;
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

function uncommitted({ facts, checkout }: KnownFacts): Finding<Code> | undefined {
  const { changed } = checkout.value;
  if (changed.length === 0) return undefined;
  const { stack, terraform } = facts.stack;
  return {
    code: 'changes-uncommitted',
    subject: stack,
    says: `${changed.join(', ').slice(0, 300)} on ${terraform.host.name} differ from the commit that is checked out, in the stack or in what stacks share: a plan would hold what nobody has reviewed`,
    remedy: 'Commit the change or take it back, and ask again.',
    seen: [checkout],
  };
}

function judge(known: KnownFacts): Diagnosis<Code> {
  const { facts, files, clock } = known;
  const { changes, stack } = facts;
  if (!isFresh(facts, 'tfplan')) {
    const applied = ageS(facts, 'applied') ?? 0;
    if (!isFresh(facts, 'applied')) return { evidence: [], findings: [notPlanned(known)] };
    const done = ok(`The plan of this commit was applied ${Math.round(applied / 60)} minutes ago`, files, clock);
    return { evidence: [done], findings: [] };
  }
  if (changes?.known !== true || facts.digest?.known !== true) return { evidence: [], findings: [] };
  if (isEmpty(changes.value))
    return {
      evidence: [ok(`Nothing is to be changed in ${stack.stack}: it is as its commit has it`, changes, files, clock)],
      findings: [],
    };
  return { evidence: [], findings: [waits(known, changes, facts.digest)] };
}

/** What only the state forgets or renames is a change as well. */
export function isEmpty({ imports = 0, add, change, destroy, resources }: PlannedChanges): boolean {
  return imports + add + change + destroy + resources.length === 0;
}

/** Which commit, and how far it is from what others have. */
function whereIs({ commit, branch, ahead, behind }: Checkout): string {
  const place = [
    branch ?? 'no branch',
    ...(ahead > 0 ? [`${ahead} of its commits are not pushed`] : []),
    ...(behind > 0 ? [`${behind} commits of its upstream are missing`] : []),
  ];
  return `${commit.slice(0, 12)} (${place.join('; ')})`;
}

function notPlanned({ facts, checkout, files, clock }: KnownFacts): Finding<Code> {
  const { stack } = facts;
  return {
    code: 'not-planned',
    subject: stack.stack,
    says: `There is no plan of ${stack.stack} at ${checkout.value.commit.slice(0, 12)} that is younger than an hour`,
    remedy: `Plan it: terragrunt asks the cluster, locks the state meanwhile and changes nothing else. What it says is shown before anything is applied.`,
    seen: [checkout, files, clock],
  };
}

function waits(
  { facts, checkout, files, clock }: KnownFacts,
  changes: Known<PlannedChanges>,
  digest: Known<string>,
): Finding<Code> {
  const { stack } = facts;
  const { add, change, destroy, resources } = changes.value;
  const list = resources.slice(0, 20).join('; ');
  const more = resources.length > 20 ? ` and ${resources.length - 20} more` : '';
  return {
    code: 'plan-waits',
    subject: stack.stack,
    says: `The saved plan of ${stack.stack} at ${whereIs(checkout.value)} adds ${add}, changes ${change} and destroys ${destroy}: ${list}${more}. The whole of it: ${commandLine(plannedChanges(stack, checkout.value.commit).command)}`,
    remedy: `Read it, and apply exactly this file (SHA-256 ${digest.value.slice(0, 16)}…); Terraform itself refuses it once its state has changed.`,
    doNot: 'Do not apply without a saved plan: what is applied then is not what was read.',
    seen: [checkout, files, clock, changes, digest],
  };
}
