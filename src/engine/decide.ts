import { resolveRule } from '../approval/groups.ts';
import type { Judgement } from '../approval/judge.ts';
import { judge } from '../approval/judge.ts';
import { messageOf } from '../core/errors.ts';
import type { DecisionAnswer, DecisionRequest } from '../core/ports.ts';
import type { Decision } from '../core/run.ts';
import type { Holder, Journal, JournalStep } from '../store/store.ts';
import type { Context } from './context.ts';
import { holderWords } from './holder.ts';

export interface Decided {
  readonly answer: DecisionAnswer;
  /** True when the run can go on now. */
  readonly wakes: boolean;
}

/** Judges a decision and, when it counts, writes it down. Never rejects. */
export async function decide(context: Context, request: DecisionRequest): Promise<Decided> {
  try {
    const { run, round, step, key } = request;
    if (key !== undefined && !context.store.claim(key, context.clock())) return no(REPEATED);
    const decided = await judged(context, cleaned(context, request));
    if (!decided.answer.accepted && stepOf(context.store.journal(run), request) !== undefined) {
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

/** The groups are asked first, because nothing may come between reading the journal and writing the decision. */
async function judged(context: Context, request: DecisionRequest): Promise<Decided> {
  const { store, policy, membersOf } = context;
  const risk = stepOf(store.journal(request.run), request)?.risk;
  const rule = risk === undefined ? undefined : await resolveRule(policy.tiers[risk], membersOf);
  const journal = store.journal(request.run);
  if (journal === undefined) return no(`There is no run ${request.run}.`);
  const step = stepOf(journal, request);
  if (step === undefined || rule === undefined)
    return no(`Run ${request.run} has no step ${request.step + 1} in round ${request.round}.`);
  const objection = objectionTo(journal, step, request) ?? obstacleTo(context, request);
  if (objection !== undefined) return no(objection);
  const now = context.clock();
  const expiresAt = step.expiresAt ?? 0;
  const { requester } = journal.run;
  const judgement = judge(rule, { ...request, ...step, requester, decisionsSoFar: step.decisions, now, expiresAt });
  if (!judgement.allowed) return { answer: { accepted: false, says: judgement.says }, wakes: now >= expiresAt };
  return write(context, { ...request, at: now }, judgement);
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
  { run, round, step, digest, actor, verdict, reason, at }: DecisionRequest & { readonly at: number },
  judgement: Extract<Judgement, { allowed: true }>,
): Decided {
  const decided = judgement.complete ? (verdict === 'approve' ? 'approved' : 'denied') : undefined;
  const why = verdict === 'deny' && reason !== undefined && reason !== '' ? { reason } : {};
  const decision: Decision = { run, round, step, digest, actor, verdict, ...why, at };
  const holder = store.addDecision(decision, decided);
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
