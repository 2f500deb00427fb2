import type { Risk } from '../core/command.ts';
import { approversThatCount, isGroup } from './entries.ts';

/** Who may ask for runs at all. */
export interface AskRule {
  /** As `approvers`. Absent: everybody in the allowed channels. Empty: nobody. */
  readonly askers?: readonly string[];
}

/** Who may approve changes of one risk. */
export interface TierRule {
  /** Slack users (`U…`), Slack user groups (`S…`), or `cli:` and a local user. Empty means nobody. */
  readonly approvers: readonly string[];
  /** Approvals of different people that one step needs. */
  readonly count: number;
  /** Whether the person who asked may approve too. Never holds for `high` and `destructive`. */
  readonly selfApproval: boolean;
  /** Each approval must come from another group of the list; then people who are named one by one do not count. */
  readonly differentGroups: boolean;
}

export interface ApprovalPolicy {
  readonly tiers: Readonly<Record<Risk, TierRule>> & { readonly read: AskRule };
  /** How long a step stays on offer. */
  readonly expiresAfterMs: number;
  /** How long before its end people are reminded of an offer; 0: never. */
  readonly warnBeforeMs: number;
}

export const RISKS: readonly Risk[] = ['normal', 'high', 'destructive'];

/** What is wrong with a policy, one sentence each; empty when it can be used. */
export function validatePolicy({ tiers, expiresAfterMs, warnBeforeMs }: ApprovalPolicy): readonly string[] {
  const problems = RISKS.flatMap((risk) => tierProblems(risk, tiers[risk]));
  if (!(Number.isFinite(expiresAfterMs) && expiresAfterMs > 0)) {
    problems.push('expiresAfterMs must be a positive number of milliseconds.');
  } else if (!(warnBeforeMs >= 0 && warnBeforeMs < expiresAfterMs)) {
    problems.push('warnBeforeMs must be 0 (no warning), or a number of milliseconds that is less than expiresAfterMs.');
  }
  return problems;
}

function tierProblems(risk: Risk, rule: TierRule): string[] {
  const { count, selfApproval } = rule;
  const problems: string[] = [];
  if (!Number.isInteger(count) || count < 1) problems.push(`${risk}: count must be a whole number, at least 1.`);
  if (selfApproval && risk !== 'normal')
    problems.push(`${risk}: nobody may approve their own run at this risk; set selfApproval to false.`);
  const shortage = tooFewApprovers(rule);
  if (shortage !== undefined) problems.push(`${risk}: it ${shortage}, so no change could ever be approved.`);
  return problems;
}

/** The list cannot give the number of approvals, whoever is in its groups. An empty list means nobody, and is meant so. */
export function tooFewApprovers(rule: Pick<TierRule, 'approvers' | 'count' | 'differentGroups'>): string | undefined {
  const { approvers, count, differentGroups } = rule;
  if (approvers.length === 0) return undefined;
  const distinct = approversThatCount(rule);
  if (distinct.length >= count || (!differentGroups && distinct.some(isGroup))) return undefined;
  const what = differentGroups ? 'of different groups' : 'of different people';
  return `needs ${count} approvals ${what} and names ${distinct.length}`;
}
