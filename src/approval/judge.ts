import { ALERTS, isRuleActor } from '../core/actors.ts';
import type { Risk } from '../core/command.ts';
import type { Actor, Decision } from '../core/run.ts';
import { whyNoReason, whyNotConfirmed } from './confirmation.ts';
import { differentSources } from './different-sources.ts';
import type { ResolvedRule } from './groups.ts';

export interface Question {
  readonly risk: Risk;
  readonly verdict: Decision['verdict'];
  readonly requester: Actor;
  readonly actor: Actor;
  readonly decisionsSoFar: readonly Decision[];
  /** Milliseconds since 1970, as `expiresAt`. */
  readonly now: number;
  readonly expiresAt: number;
  /** Why it is denied. */
  readonly reason?: string;
  /** What was typed to confirm a destructive step, and what must be. */
  readonly typed?: string;
  readonly wordToType?: string;
}

/** `complete`: with this decision the step is decided; otherwise it needs more approvals. */
export type Judgement =
  | { readonly allowed: true; readonly complete: boolean; readonly says: string }
  | { readonly allowed: false; readonly says: string };

/** May this person decide so, now, and is the step decided with it? `rule` is that of the step's risk. */
export function judge(rule: ResolvedRule, question: Question): Judgement {
  const refusal = whyNot(rule, question);
  if (refusal !== undefined) return { allowed: false, says: refusal };
  return question.verdict === 'deny'
    ? { allowed: true, complete: true, says: 'Denied. This change will not be made, and the run ends.' }
    : approved(rule, question);
}

function whyNot(rule: ResolvedRule, question: Question): string | undefined {
  const { now, expiresAt } = question;
  // Written so that a time which is no number is too late.
  if (!(now < expiresAt)) return 'Too late: this offer has expired, and nothing was changed. Start a new run.';
  return whyNotThisPerson(rule, question) ?? whyNotAgain(question) ?? whyNotInTheseWords(question);
}

function whyNotThisPerson(rule: ResolvedRule, { risk, verdict, requester, actor }: Question): string | undefined {
  if (actor.id === ALERTS.id || isRuleActor(actor)) return 'Only a person may decide on this.';
  const asked = actor.id === requester.id;
  if (verdict === 'deny' && asked) return undefined;
  if (rule.sources.length === 0)
    return `Nobody may approve changes of ${risk} risk: the configuration names no approver for them. Make this change by hand, or have approvers named under approval.tiers.${risk}.`;
  if (rule.sources.every(({ members }) => members.length === 0))
    return `Nobody may approve changes of ${risk} risk now: the groups of their approvers have no members. Have somebody added to one.`;
  if (!isApprover(rule, actor.id)) return `You may not decide on changes of ${risk} risk. Ask an approver of that tier.`;
  if (asked && !mayApproveOwn(rule, risk))
    return `You asked for this run, so somebody else must approve its changes of ${risk} risk. Ask another approver of that tier.`;
  return undefined;
}

function whyNotAgain({ actor, verdict, decisionsSoFar }: Question): string | undefined {
  if (decisionsSoFar.some((earlier) => earlier.verdict === 'deny'))
    return 'This step was denied already, so it will not be made. Start a new run if it is needed after all.';
  if (!decisionsSoFar.some((earlier) => earlier.actor.id === actor.id)) return undefined;
  return verdict === 'approve'
    ? 'You have approved this step already: another approval must come from somebody else.'
    : 'You have approved this step already. To stop it after all, cancel the run.';
}

function whyNotInTheseWords(question: Question): string | undefined {
  const { verdict, risk, actor, requester, reason, typed, wordToType } = question;
  if (verdict === 'approve') return risk === 'destructive' ? whyNotConfirmed(typed, wordToType) : undefined;
  const wrong = actor.id === requester.id ? undefined : whyNoReason(reason);
  return wrong === undefined ? undefined : `Not denied yet. ${wrong}`;
}

function approved(rule: ResolvedRule, question: Question): Judgement {
  const { count } = rule;
  const earlier = question.decisionsSoFar
    .filter((decision) => stillCounts(rule, question, decision))
    .map(({ actor }) => actor.id);
  const before = worth(rule, earlier);
  const approvals = worth(rule, [...earlier, question.actor.id]);
  if (approvals === before)
    return {
      allowed: false,
      says: 'Your approval would add nothing: the approvals must come from different groups, and yours has approved already. Ask a member of another group of approvers.',
    };
  if (approvals >= count) return { allowed: true, complete: true, says: 'Approved. Looking once more, then making the change.' };
  const from = rule.differentGroups ? (count - approvals === 1 ? ' from another group' : ' from other groups') : '';
  return {
    allowed: true,
    complete: false,
    says: `Your approval counts: ${approvals} of ${count}. It waits for ${people(count - approvals)}${from}.`,
  };
}

/** As how many approvals those of these people count. */
function worth({ differentGroups, sources }: ResolvedRule, ids: readonly string[]): number {
  const people = [...new Set(ids)];
  return differentGroups ? differentSources(sources, people) : people.length;
}

/** An earlier approval is no more once its giver has left the group, or the policy names others. */
function stillCounts(rule: ResolvedRule, question: Question, { verdict, actor }: Decision): boolean {
  return verdict === 'approve' && whyNotThisPerson(rule, { ...question, verdict, actor }) === undefined;
}

function isApprover({ sources }: ResolvedRule, id: string): boolean {
  return sources.some(({ members }) => members.includes(id));
}

function mayApproveOwn({ selfApproval }: ResolvedRule, risk: Risk): boolean {
  return risk === 'normal' && selfApproval;
}

function people(count: number): string {
  return count === 1 ? 'one more person' : `${count} more people`;
}
