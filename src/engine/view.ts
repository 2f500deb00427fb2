import { messageOf } from '../core/errors.ts';
import { previewStep, stepsOf, stop } from '../core/plan.ts';
import type { RoundView, RunView, StepView } from '../core/run.ts';
import type { JournalRound, JournalStep, StoredRun } from '../store/store.ts';
import type { Context } from './context.ts';
import { excerpt } from './excerpt.ts';
import { droppedWords } from './looks.ts';

/** A run as people see it. Diagnosis and plan are rebuilt from the recordings; what happened comes from the journal. */
export async function viewOf(context: Context, id: string): Promise<RunView | undefined> {
  const journal = context.store.journal(id);
  if (journal === undefined) return undefined;
  const { run } = journal;
  const runbook = context.runbooks.get(run.runbook);
  const frozen = run.finishedAt === null ? context.killSwitch.state() : undefined;
  return {
    id,
    runbook: { id: run.runbook, title: runbook?.title ?? run.runbook, words: runbook?.words ?? [run.runbook] },
    arguments: run.arguments,
    requester: run.requester,
    status: run.status,
    startedAt: run.startedAt,
    rounds: await Promise.all(journal.rounds.map((round) => roundView(context, run, round))),
    ...(run.follows === null ? {} : { follows: run.follows }),
    ...(run.cancelled === null ? {} : { cancelled: run.cancelled }),
    ...(frozen === undefined ? {} : { frozen }),
    ...(run.auditHead === null ? {} : { auditHead: run.auditHead }),
    ...(run.problem === null ? {} : { problem: run.problem }),
  };
}

async function roundView(context: Context, run: StoredRun, round: JournalRound): Promise<RoundView> {
  return {
    number: round.number,
    ...(await lookAsShown(context, run, round)),
    steps: round.steps.map((step) => stepView(context, step)),
    lookedMs: round.lookedMs,
  };
}

type Shown = Pick<RoundView, 'diagnosis' | 'plan' | 'changes'>;

/** Never another plan than the one people decided on: where this version would show another, it says so instead. */
async function lookAsShown({ looks }: Context, run: StoredRun, round: JournalRound): Promise<Shown> {
  if (run.droppedAt !== null) return unknown(droppedWords(run, run.droppedAt), 'It is not kept any more.');
  const about = `Version ${run.buildVersion} made this plan`;
  try {
    const { look, plan } = await looks.of(run, round.number);
    const planned = stepsOf(plan);
    const same = round.steps.every(
      ({ index, preview }) => planned[index] !== undefined && previewStep(planned[index]) === preview,
    );
    const changes = round.number === 1 ? [] : look.changesSince((await looks.of(run, 1)).look);
    return {
      diagnosis: look.diagnosis,
      plan: same ? plan : stop(`${about}, and this version would make another.`),
      ...(changes.length === 0 ? {} : { changes }),
    };
  } catch (error) {
    const why = `${about}, and this version cannot rebuild it: ${excerpt(messageOf(error))}`;
    return unknown('This version cannot tell what was seen.', why);
  }
}

/** Not an empty diagnosis: that would read as "all is well". */
function unknown(says: string, why: string): Shown {
  return { diagnosis: { evidence: [{ status: 'unknown', says, seen: [] }], findings: [] }, plan: stop(why) };
}

function stepView({ policy }: Context, step: JournalStep): StepView {
  const { status, digest, decisions, risk, expiresAt, warnedAt, progress, detail, output } = step;
  return {
    status,
    digest,
    decisions,
    needs: policy.tiers[risk].count,
    expiresAt: expiresAt ?? 0,
    ...(warnedAt === null ? {} : { warned: true }),
    ...(progress === null ? {} : { progress }),
    ...(detail === null ? {} : { detail }),
    ...(output === null ? {} : { output }),
  };
}
