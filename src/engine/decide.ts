import { withMembers } from '../approval/groups.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import { judge } from '../approval/policy.ts';
import { messageOf } from '../core/errors.ts';
import type { DecisionAnswer, DecisionRequest } from '../core/ports.ts';
import type { Journal, JournalStep } from '../store/store.ts';
import type { Context } from './context.ts';

export interface Decided {
  readonly answer: DecisionAnswer;
  /** True when the run can go on now. */
  readonly wakes: boolean;
}

/** Judges a decision and, when it counts, writes it down. Never rejects. */
export async function decide(context: Context, request: DecisionRequest): Promise<Decided> {
  try {
    return decideUnder(await policyNow(context, request), context, request);
  } catch (error) {
    context.log.error({ run: request.run, err: error }, 'a decision could not be judged or written');
    return no(`Your decision could not be checked and written down, so it does not count: ${messageOf(error)}`);
  }
}

/** The policy with the groups of this step's tier as they are now. */
async function policyNow({ store, policy, membersOf }: Context, request: DecisionRequest): Promise<ApprovalPolicy> {
  const risk = stepOf(store.journal(request.run), request)?.risk;
  if (risk === undefined) return policy;
  return { ...policy, tiers: { ...policy.tiers, [risk]: await withMembers(policy.tiers[risk], membersOf) } };
}

function stepOf(journal: Journal | undefined, { round, step }: DecisionRequest): JournalStep | undefined {
  return journal?.rounds.find(({ number }) => number === round)?.steps[step];
}

/** Synchronous, so that no other decision and no expiry comes between reading the journal and writing the decision. */
function decideUnder(policy: ApprovalPolicy, { store, clock, boundary }: Context, request: DecisionRequest): Decided {
  const { run, round, step: index, digest, actor, verdict } = request;
  const journal = store.journal(run);
  if (journal === undefined) return no(`There is no run ${run}.`);
  const step = stepOf(journal, request);
  if (step === undefined) return no(`Run ${run} has no step ${index + 1} in round ${round}.`);
  const { expiresAt } = step;
  if (step.status !== 'waiting' || expiresAt === null || journal.run.finishedAt !== null) return no(whyNotOnOffer(journal, step));
  if (step.digest !== digest)
    return no('This button belongs to another version of the plan. Use the latest message of this run.');
  const now = clock();
  const { requester } = journal.run;
  const judged = judge(policy, { risk: step.risk, verdict, requester, actor, decisionsSoFar: step.decisions, now, expiresAt });
  if (!judged.allowed) return { answer: { accepted: false, says: judged.says }, wakes: now >= expiresAt };
  const decided = judged.complete ? (verdict === 'approve' ? 'approved' : 'denied') : undefined;
  store.addDecision({ run, round, step: index, digest, actor, verdict, at: now }, decided);
  boundary('decision-written');
  return { answer: { accepted: true, says: judged.says }, wakes: decided !== undefined };
}

function no(says: string): Decided {
  return { answer: { accepted: false, says }, wakes: false };
}

function whyNotOnOffer({ run }: Journal, { index, status, detail }: JournalStep): string {
  const name = `Step ${index + 1}`;
  const because = detail === null ? '' : ` ${detail}`;
  switch (status) {
    case 'waiting':
      return run.finishedAt === null
        ? `${name} is not on offer yet: the step before it comes first.`
        : `${name} was never on offer: the run has ended.`;
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
      return `Too late: the offer of ${name.toLowerCase()} has expired. Start a new run.`;
  }
}
