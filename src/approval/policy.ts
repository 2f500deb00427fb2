import type { Risk } from '../core/command.ts';
import type { Actor, Decision } from '../core/run.ts';
import { isGroup } from './groups.ts';

/** Who may approve changes of one risk. */
export interface TierRule {
  /** Slack users (`U…`), Slack user groups (`S…`), or `cli:` and a local user. Empty means nobody. */
  readonly approvers: readonly string[];
  /** Approvals of different people that one step needs. */
  readonly count: number;
  /** Whether the person who asked may approve too. Never holds for `high` and `destructive`. */
  readonly selfApproval: boolean;
}

export interface ApprovalPolicy {
  readonly tiers: Readonly<Record<Risk, TierRule>>;
  /** How long a step stays on offer. */
  readonly expiresAfterMs: number;
}

export interface Question {
  readonly risk: Risk;
  readonly verdict: Decision['verdict'];
  readonly requester: Actor;
  readonly actor: Actor;
  readonly decisionsSoFar: readonly Decision[];
  /** Milliseconds since 1970, as `expiresAt`. */
  readonly now: number;
  readonly expiresAt: number;
}

/** `complete`: with this decision the step is decided; otherwise it needs more approvals. */
export type Judgement =
  | { readonly allowed: true; readonly complete: boolean; readonly says: string }
  | { readonly allowed: false; readonly says: string };

/** May this person decide so, now, and is the step decided with it? */
export function judge(policy: ApprovalPolicy, question: Question): Judgement {
  const refusal = whyNot(policy, question);
  if (refusal !== undefined) return { allowed: false, says: refusal };
  if (question.verdict === 'deny') {
    return { allowed: true, complete: true, says: 'Denied. This change will not be made, and the run ends.' };
  }
  const { count } = policy.tiers[question.risk];
  const approvals = question.decisionsSoFar.filter((earlier) => stillCounts(policy, question, earlier)).length + 1;
  if (approvals >= count) return { allowed: true, complete: true, says: 'Approved. Looking once more, then making the change.' };
  return {
    allowed: true,
    complete: false,
    says: `Your approval counts: ${approvals} of ${count}. It waits for ${people(count - approvals)}.`,
  };
}

/** An earlier approval is no more once its giver has left the group, or the policy names others. */
function stillCounts(policy: ApprovalPolicy, question: Question, { verdict, actor }: Decision): boolean {
  return verdict === 'approve' && whyNotThisPerson(policy, { ...question, verdict, actor }) === undefined;
}

function whyNot(policy: ApprovalPolicy, question: Question): string | undefined {
  const { actor, decisionsSoFar, now, expiresAt } = question;
  if (now >= expiresAt) return 'Too late: this offer has expired, and nothing was changed. Start a new run.';
  return whyNotThisPerson(policy, question) ?? whyNotAgain(actor, decisionsSoFar);
}

function whyNotThisPerson(policy: ApprovalPolicy, { risk, verdict, requester, actor }: Question): string | undefined {
  const { approvers } = policy.tiers[risk];
  const asked = actor.id === requester.id;
  if (verdict === 'deny' && asked) return undefined;
  if (approvers.length === 0) return `Nobody may approve changes of ${risk} risk: the configuration names no approver for them.`;
  if (!approvers.includes(actor.id)) return `You may not decide on changes of ${risk} risk. Ask an approver of that tier.`;
  if (asked && !mayApproveOwn(policy, risk))
    return `You asked for this run, so somebody else must approve its changes of ${risk} risk.`;
  return undefined;
}

function whyNotAgain(actor: Actor, decisionsSoFar: readonly Decision[]): string | undefined {
  const earlier = decisionsSoFar.find((decision) => decision.actor.id === actor.id);
  if (earlier === undefined) return undefined;
  return earlier.verdict === 'approve'
    ? 'You have approved this step already: another approval must come from somebody else.'
    : 'You have denied this step already.';
}

function mayApproveOwn(policy: ApprovalPolicy, risk: Risk): boolean {
  return risk === 'normal' && policy.tiers.normal.selfApproval;
}

function people(count: number): string {
  return count === 1 ? 'one more person' : `${count} more people`;
}

/** What is wrong with a policy, one sentence each; empty when it can be used. */
export function validatePolicy(policy: ApprovalPolicy): readonly string[] {
  const risks: readonly Risk[] = ['normal', 'high', 'destructive'];
  const problems = risks.flatMap((risk) => tierProblems(risk, policy.tiers[risk]));
  if (!(Number.isFinite(policy.expiresAfterMs) && policy.expiresAfterMs > 0)) {
    problems.push('expiresAfterMs must be a positive number of milliseconds.');
  }
  return problems;
}

function tierProblems(risk: Risk, { approvers, count, selfApproval }: TierRule): string[] {
  const problems: string[] = [];
  if (!Number.isInteger(count) || count < 1) problems.push(`${risk}: count must be a whole number, at least 1.`);
  if (selfApproval && risk !== 'normal')
    problems.push(`${risk}: nobody may approve their own run at this risk; set selfApproval to false.`);
  const distinct = new Set(approvers).size;
  if (distinct > 0 && distinct < count && !approvers.some(isGroup)) {
    problems.push(`${risk}: it needs ${count} approvals and names ${distinct} approvers, so no change could ever be approved.`);
  }
  return problems;
}
