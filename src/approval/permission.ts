import { ALERTS } from '../core/actors.ts';
import type { Risk } from '../core/command.ts';
import type { Actor } from '../core/run.ts';
import { approversThatCount } from './entries.ts';
import { isAmong, type MembersOf } from './groups.ts';
import type { ApprovalPolicy } from './policy.ts';
import { RISKS } from './policy.ts';

/** What somebody wants of a run, or of the whole bot. */
export type InterventionRequest =
  | { readonly kind: 'cancel'; readonly actor: Actor; readonly requester: Actor }
  | { readonly kind: 'take-over'; readonly actor: Actor; readonly risk: Risk }
  | { readonly kind: 'freeze' | 'unfreeze' | 'maintenance'; readonly actor: Actor };

const NAME_ONE = 'Whoever runs this bot can name some in its configuration, under approval.tiers';

/** Why this person may not ask for runs, or undefined. Rejects when Slack does not say who is in a group. */
export async function mayAsk({ tiers }: ApprovalPolicy, membersOf: MembersOf, actor: Actor): Promise<string | undefined> {
  const { askers } = tiers.read;
  // Who may send alerts is a matter of its own: alerts.listen in the configuration.
  if (askers === undefined || actor.id === ALERTS.id) return undefined;
  if (askers.length === 0) return `Nobody may ask for a run: the configuration names no asker. ${NAME_ONE}.read.askers.`;
  if (await isAmong(askers, membersOf, actor.id)) return undefined;
  return 'You may not ask for runs here. Ask somebody who may to do it for you, or to have you added to the askers.';
}

/** Why this person may not intervene so, or undefined. Rejects when Slack does not say who is in a group. */
export async function mayIntervene(
  policy: ApprovalPolicy,
  membersOf: MembersOf,
  wanted: InterventionRequest,
): Promise<string | undefined> {
  const approves = (risks: readonly Risk[]) => isAmong(approversOf(policy, risks), membersOf, wanted.actor.id);
  switch (wanted.kind) {
    case 'cancel':
      if (wanted.actor.id === wanted.requester.id || (await approves(RISKS))) return undefined;
      return 'You may not cancel this run. Ask the person who asked for it, or an approver of any tier.';
    case 'take-over':
      if (await approves([wanted.risk])) return undefined;
      return `You may not take over what another run holds for a change of ${wanted.risk} risk. ${askApprover(policy, [wanted.risk])}`;
    case 'unfreeze':
      if (await approves(RISKS)) return undefined;
      return `You may not end the freeze. ${askApprover(policy, RISKS)}`;
    case 'freeze':
      // Whoever can end a freeze can also begin one, even where they may not ask for runs.
      if ((await mayAsk(policy, membersOf, wanted.actor)) === undefined || (await approves(RISKS))) return undefined;
      return 'You may not freeze changes. Ask somebody who may ask for runs here, or an approver of any tier.';
    case 'maintenance':
      if ((await mayAsk(policy, membersOf, wanted.actor)) === undefined || (await approves(RISKS))) return undefined;
      return 'You may not announce or end maintenance. Ask somebody who may ask for runs here, or an approver of any tier.';
  }
}

function approversOf({ tiers }: ApprovalPolicy, risks: readonly Risk[]): string[] {
  return risks.flatMap((risk) => approversThatCount(tiers[risk]));
}

function askApprover(policy: ApprovalPolicy, risks: readonly Risk[]): string {
  if (approversOf(policy, risks).length === 0) return `Nobody may: the configuration names no approver. ${NAME_ONE}.`;
  return risks.length === 1 ? 'Ask an approver of that tier.' : 'Ask an approver of any tier.';
}
