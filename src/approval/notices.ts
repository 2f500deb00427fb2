import type { Risk } from '../core/command.ts';
import { approversThatCount, isGroup, isLocal } from './entries.ts';
import type { ApprovalPolicy, TierRule } from './policy.ts';
import { RISKS } from './policy.ts';

/** What is right in a policy and may still surprise, one sentence each, in the words of the configuration. */
export function policyNotices({ tiers }: ApprovalPolicy): readonly string[] {
  const { askers } = tiers.read;
  return [
    ...(askers?.length === 0 ? ['Nobody may ask for a run: approval.tiers.read.askers is empty.'] : []),
    ...RISKS.flatMap((risk) => tierNotices(risk, tiers[risk], askers)),
    ...oneIsEnough(tiers.destructive),
  ];
}

/** Who asks never approves it, so that two people know of it; a second approver there is none. */
function oneIsEnough({ approvers, count }: TierRule): string[] {
  if (approvers.length === 0 || count > 1) return [];
  return [
    'approval.tiers.destructive.count is 1: one approval, of another person than the one who asks, is enough to destroy data. Where a second approver is the rule, make it 2.',
  ];
}

function tierNotices(risk: Risk, rule: TierRule, askers: readonly string[] | undefined): string[] {
  const path = `approval.tiers.${risk}.approvers`;
  if (rule.approvers.length === 0) return [`Nobody may approve changes of ${risk} risk: ${path} is empty.`];
  return [...idle(path, rule), ...unreachable(path, rule, askers)];
}

function idle(path: string, { approvers, count, differentGroups }: TierRule): string[] {
  const people = approvers.filter((id) => !isGroup(id));
  const local = people.filter(isLocal);
  if (differentGroups && people.length > 0)
    return [`${path} names ${people.join(', ')}, who cannot approve there: with differentGroups only groups count.`];
  return local.length > 0 && local.length < count
    ? [
        `${path} names ${local.join(', ')}, too few for ${count} approvals: what is asked for at a terminal cannot be approved there.`,
      ]
    : [];
}

/** Where people are named one by one, too few of them may be left: the one who asks does not count. */
function unreachable(path: string, rule: TierRule, askers: readonly string[] | undefined): string[] {
  const { count, selfApproval } = rule;
  const entries = approversThatCount(rule);
  if (entries.some(isGroup)) return [];
  const stuck = entries.length === count && !selfApproval ? entries.filter((id) => mayBeAsker(id, askers)) : [];
  return stuck.map(
    (id) => `What ${id} asks for cannot be approved under ${path}: it needs ${count} of others and has ${count - 1}.`,
  );
}

function mayBeAsker(id: string, askers: readonly string[] | undefined): boolean {
  return askers === undefined || askers.includes(id) || (!isLocal(id) && askers.some(isGroup));
}
