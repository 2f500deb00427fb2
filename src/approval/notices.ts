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
  return count > 1 && local.length > 0
    ? [`${path} names ${local.join(', ')}, who cannot help to reach ${count} approvals: at a terminal one person decides alone.`]
    : [];
}

/** Where people are named one by one, too few of them may be left: the one who asks, and who decides alone, do not count. */
function unreachable(path: string, rule: TierRule, askers: readonly string[] | undefined): string[] {
  const { count, selfApproval } = rule;
  const entries = approversThatCount(rule);
  if (entries.some(isGroup)) return [];
  const people = count > 1 ? entries.filter((id) => !isLocal(id)) : entries;
  if (people.length < count)
    return [`No change can be approved under ${path}: it needs ${count} approvals in Slack and has ${people.length}.`];
  const stuck = people.length === count && !selfApproval ? people.filter((id) => mayBeAsker(id, askers)) : [];
  return stuck.map(
    (id) => `What ${id} asks for cannot be approved under ${path}: it needs ${count} of others and has ${count - 1}.`,
  );
}

function mayBeAsker(id: string, askers: readonly string[] | undefined): boolean {
  return askers === undefined || askers.includes(id) || (!isLocal(id) && askers.some(isGroup));
}
