import { HOUR_MS, judgeRule, type RuleQuestion } from '../approval/automatic.ts';
import { type ResolvedRule, resolveRule } from '../approval/groups.ts';
import type { Judgement } from '../approval/judge.ts';
import { judge } from '../approval/judge.ts';
import { isRuleActor, ruleActor } from '../core/actors.ts';
import { messageOf } from '../core/errors.ts';
import type { OfferedStep } from '../core/offer-guard.ts';
import { stepsOf } from '../core/plan.ts';
import type { DecisionAnswer, DecisionRequest } from '../core/ports.ts';
import type { Decision } from '../core/run.ts';
import type { Holder, Journal, JournalStep } from '../store/store.ts';
import type { Context } from './context.ts';
import { holderWords } from './holder.ts';

export interface Decided {
  readonly answer: DecisionAnswer;
  /** True when the run can go on now. */
  readonly wakes: boolean;
  /** True where nothing is to be remembered of it: a press that was answered before, a rule that is asked again by itself. */
  readonly untold?: true;
}

/** Judges a decision and, when it counts, writes it down. Never rejects. */
export async function decide(context: Context, request: DecisionRequest): Promise<Decided> {
  try {
    const { run, round, step } = request;
    const decided = await judged(context, cleaned(context, request));
    if (!decided.answer.accepted && decided.untold !== true && stepOf(context.store.journal(run), request) !== undefined) {
      const { actor, verdict } = request;
      context.store.note({ kind: 'turned-down', run, round, step, actor, verdict, says: decided.answer.says });
    }
    return decided;
  } catch (error) {
    context.log.error({ run: request.run, err: error }, 'a decision could not be judged or written');
    return no(`Your decision could not be checked and written down, so it does not count: ${messageOf(error)}`);
  }
}

/** For a press that was delivered before, maybe to a process that is no more. */
export const REPEATED =
  'Slack delivered this a second time, and nothing was done for it again. If the latest messages show nothing of the first, press again.';

function cleaned({ clean }: Context, request: DecisionRequest): DecisionRequest {
  return request.reason === undefined ? request : { ...request, reason: clean(request.reason.trim()) };
}

/** The groups are asked and the plan is rebuilt first, because nothing may come between reading the journal and writing the decision. */
async function judged(context: Context, request: DecisionRequest): Promise<Decided> {
  const { store, policy, membersOf } = context;
  const before = store.journal(request.run);
  const risk = stepOf(before, request)?.risk;
  const rule = risk === undefined ? undefined : await resolveRule(policy.tiers[risk], membersOf);
  const offered = before && (await offeredOf(context, before, request));
  const { key } = request;
  if (key !== undefined && store.isClaimed(key)) return { ...no(REPEATED), untold: true };
  const decided = judgedNow(context, request, { rule, offered });
  // What counts is remembered with what it did, so that no press is lost between the two.
  if (key !== undefined && !decided.answer.accepted && decided.untold !== true) store.claim(key, context.clock());
  return decided;
}

/** What the guard must know of a step that is to be approved. Of what this version cannot rebuild every approval is void. */
async function offeredOf({ looks }: Context, journal: Journal, request: DecisionRequest): Promise<OfferedStep | undefined> {
  const { round, step, actor, verdict } = request;
  const { run, rounds } = journal;
  if (verdict !== 'approve') return undefined;
  const plan = await looks.of(run, round).then(
    (look) => look.plan,
    () => undefined,
  );
  const [first, ...more] = plan === undefined ? [] : stepsOf(plan).slice(step);
  const isBegun = rounds.find(({ number }) => number === round)?.steps.some(({ status }) => status === 'done') === true;
  return first && { run: run.id, runbook: run.runbook, steps: [first, ...more], actor, isBegun };
}

interface Asked {
  readonly rule: ResolvedRule | undefined;
  readonly offered: OfferedStep | undefined;
}

/** Nothing is waited for in it. */
function judgedNow(context: Context, request: DecisionRequest, { rule, offered }: Asked): Decided {
  const { store } = context;
  const journal = store.journal(request.run);
  if (journal === undefined) return no(`There is no run ${request.run}.`);
  const step = stepOf(journal, request);
  if (step === undefined || rule === undefined)
    return no(`Run ${request.run} has no step ${request.step + 1} in round ${request.round}.`);
  const objection = objectionTo(journal, step, request) ?? obstacleTo(context, request);
  if (objection !== undefined) return no(objection);
  const now = context.clock();
  const expiresAt = step.expiresAt ?? 0;
  const { requester, runbook } = journal.run;
  const question = { ...request, ...step, requester, decisionsSoFar: step.decisions, now, expiresAt };
  const judgement = isRuleActor(request.actor) ? byRule(context, rule, { ...question, runbook }) : judge(rule, question);
  if (!judgement.allowed) return { answer: { accepted: false, says: judgement.says }, wakes: now >= expiresAt };
  const guarded = offered && context.guard(offered);
  if (guarded !== undefined) return { ...no(guarded), ...(isRuleActor(request.actor) && { untold: true }) };
  return write(context, { ...request, at: now }, judgement);
}

function byRule({ autoApply, store }: Context, tier: ResolvedRule, question: Omit<RuleQuestion, 'approvedThisHour'>): Judgement {
  const allowed = autoApply.find((each) => ruleActor(each).id === question.actor.id);
  return judgeRule(allowed, tier, {
    ...question,
    approvedThisHour: store.approvalsSince(question.actor.id, question.now - HOUR_MS),
  });
}

function stepOf(journal: Journal | undefined, { round, step }: DecisionRequest): JournalStep | undefined {
  return journal?.rounds.find(({ number }) => number === round)?.steps[step];
}

function objectionTo(journal: Journal, step: JournalStep, { digest }: DecisionRequest): string | undefined {
  if (step.status !== 'waiting' || step.expiresAt === null || journal.run.finishedAt !== null)
    return whyNotOnOffer(journal, step);
  if (step.digest !== digest) return 'This button belongs to another version of the plan. Use the latest message of this run.';
  return undefined;
}

/** Denying is always possible. */
function obstacleTo({ obstacles }: Context, { verdict }: DecisionRequest): string | undefined {
  return verdict === 'approve' ? obstacles()[0] : undefined;
}

function write(
  { store, boundary }: Context,
  { run, round, step, digest, actor, verdict, reason, key, at }: DecisionRequest & { readonly at: number },
  judgement: Extract<Judgement, { allowed: true }>,
): Decided {
  const decided = judgement.complete ? (verdict === 'approve' ? 'approved' : 'denied') : undefined;
  const why = verdict === 'deny' && reason !== undefined && reason !== '' ? { reason } : {};
  const decision: Decision = { run, round, step, digest, actor, verdict, ...why, at };
  const holder = store.addDecision({ ...decision, ...(key !== undefined && { key }) }, decided);
  if (holder !== undefined) return held(holder);
  boundary('decision-written');
  return { answer: { accepted: true, says: judgement.says }, wakes: decided !== undefined };
}

function held(holder: Holder): Decided {
  const says = `Not approved: ${holderWords(holder)} The offer stands: approve it once that run has ended, or take it over.`;
  return { answer: { accepted: false, says, heldBy: holder.run }, wakes: false };
}

function no(says: string): Decided {
  return { answer: { accepted: false, says }, wakes: false };
}

function whyNotOnOffer({ run }: Journal, { index, status, detail, expiresAt }: JournalStep): string {
  const name = `Step ${index + 1}`;
  const because = detail === null ? '' : ` ${detail}`;
  switch (status) {
    case 'waiting':
      return run.finishedAt === null
        ? `${name} is not on offer yet: the step before it comes first.`
        : `${name} ${expiresAt === null ? 'was never on offer' : 'is not on offer any more'}: the run has ended.`;
    case 'approved':
    case 'started':
      return `Too late: ${name.toLowerCase()} is approved already, and the change is being made.`;
    case 'done':
      return `Too late: ${name.toLowerCase()} is done already.`;
    case 'refused':
      return `Too late: the bot refused ${name.toLowerCase()}.${because}`;
    case 'failed':
      return `Too late: ${name.toLowerCase()} was tried and failed.${because}`;
    case 'unknown':
      return `Too late: ${name.toLowerCase()} was tried, and its outcome is unknown.${because}`;
    case 'denied':
      return `Too late: ${name.toLowerCase()} was denied.`;
    case 'expired':
      return `Too late: the offer of ${name.toLowerCase()} has expired. Plan again.`;
    case 'withdrawn':
      return `Too late: the offer of ${name.toLowerCase()} was withdrawn.${because} Plan again.`;
    case 'cancelled':
      return `Too late: the run was cancelled.${because}`;
  }
}
