import { plannedChanges } from '../../src/commands/terraform.ts';
import type { PlannedChanges } from '../../src/commands/terraform-text.ts';
import { commandLine } from '../../src/core/command.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { notSeen, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { KnownStack } from '../../src/topology/stack-look.ts';
import { ageS, isFresh, knownStack, looksAtStack, stackObstacle, whereIs } from '../../src/topology/stack-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { stack } = facts;
  const evidence = notSeen(`Plans of ${stack.stack} on ${stack.terraform.host.name}`, looksAtStack(facts));
  const known = knownStack(facts);
  if (known === undefined) return { evidence, findings: [] };
  const { checkout } = known;
  const is = ok(`${stack.stack} is checked out at ${whereIs(checkout.value)} on ${stack.terraform.host.name}`, checkout);
  const finding = stackObstacle(known);
  if (finding !== undefined) return { evidence: [is, ...evidence], findings: [finding] };
  const rest = judge(known);
  return { evidence: [is, ...rest.evidence, ...evidence], findings: rest.findings };
}

function judge(known: KnownStack): Diagnosis<Code> {
  const { look, files, clock } = known;
  const { changes, stack } = look;
  if (!isFresh(look, 'tfplan')) {
    const applied = ageS(look, 'applied') ?? 0;
    if (!isFresh(look, 'applied')) return { evidence: [], findings: [notPlanned(known)] };
    const done = ok(`The plan of this commit was applied ${Math.round(applied / 60)} minutes ago`, files, clock);
    return { evidence: [done], findings: [] };
  }
  if (changes?.known !== true || look.digest?.known !== true) return { evidence: [], findings: [] };
  if (isEmpty(changes.value))
    return {
      evidence: [ok(`Nothing is to be changed in ${stack.stack}: it is as its commit has it`, changes, files, clock)],
      findings: [],
    };
  return { evidence: [], findings: [waits(known, changes, look.digest)] };
}

/** What only the state forgets or renames is a change as well. */
export function isEmpty({ imports = 0, add, change, destroy, resources }: PlannedChanges): boolean {
  return imports + add + change + destroy + resources.length === 0;
}

function notPlanned({ look: { stack }, checkout, files, clock }: KnownStack): Finding<Code> {
  return {
    code: 'not-planned',
    subject: stack.stack,
    says: `There is no plan of ${stack.stack} at ${checkout.value.commit.slice(0, 12)} that is younger than an hour`,
    remedy: `Plan it: terragrunt asks the cluster, locks the state meanwhile and changes nothing else. What it says is shown before anything is applied.`,
    seen: [checkout, files, clock],
  };
}

function waits(
  { look: { stack }, checkout, files, clock }: KnownStack,
  changes: Known<PlannedChanges>,
  digest: Known<string>,
): Finding<Code> {
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
