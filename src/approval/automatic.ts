import { ALERTS } from '../core/actors.ts';
import type { AutoApply } from '../core/alert-settings.ts';
import type { ResolvedRule } from './groups.ts';
import type { Judgement, Question } from './judge.ts';

export const HOUR_MS = 3_600_000;

export interface RuleQuestion extends Question {
  /** Id of the runbook. */
  readonly runbook: string;
  /** How often the rule approved within the last hour. */
  readonly approvedThisHour: number;
}

/** May this rule of the configuration approve the step in the place of the person who allowed it? `tier` is that of the step's risk. */
export function judgeRule(allowed: AutoApply | undefined, tier: ResolvedRule, question: RuleQuestion): Judgement {
  const refusal = whyNot(allowed, tier, question);
  if (refusal !== undefined) return { allowed: false, says: refusal };
  return { allowed: true, complete: true, says: 'Approved by a rule. Looking once more, then making the change.' };
}

function whyNot(allowed: AutoApply | undefined, tier: ResolvedRule, question: RuleQuestion): string | undefined {
  const { risk, verdict, runbook, requester, decisionsSoFar, now, expiresAt, approvedThisHour } = question;
  if (allowed?.runbook !== runbook) return `No rule lets ${runbook} change anything without a person.`;
  if (verdict !== 'approve') return 'A rule denies nothing: a person does.';
  if (risk !== 'normal') return `A rule approves changes of normal risk only, and this one is of ${risk} risk.`;
  if (requester.id !== ALERTS.id)
    return 'A rule approves only in runs that an alert started: whoever asked for this one is there.';
  if (!(now < expiresAt)) return 'Too late: this offer has expired.';
  if (decisionsSoFar.length > 0) return 'A person has decided on this step already.';
  if (tier.count !== 1) return `Changes of normal risk need ${tier.count} people, and a rule stands for one.`;
  if (!tier.sources.some(({ members }) => members.includes(allowed.allowedBy)))
    return `${allowed.allowedBy} allowed this rule and may not approve changes of normal risk any more, so the rule may not either.`;
  if (approvedThisHour >= allowed.perHour)
    return `The rule for ${runbook} has approved ${approvedThisHour} times within an hour, as often as it may. A person decides now.`;
  return undefined;
}
