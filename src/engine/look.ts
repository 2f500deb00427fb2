import type { Outcome, Recording } from '../core/output.ts';
import { previewStep, stepsOf, wordToType } from '../core/plan.ts';
import { readerOver, recordInto, replay } from '../core/reading.ts';
import type { Runbook } from '../core/runbook.ts';
import type { StoredRun } from '../store/store.ts';
import type { Context } from './context.ts';
import { digestOfStep, workName } from './looks.ts';
import { runbookOf } from './runbook-of.ts';

/** Looks at the system, changing nothing, and writes down the round. Rejects as the runbook's look does. */
export async function look(context: Context, run: StoredRun, round: { number: number; offers: boolean }): Promise<void> {
  const { store, site, buildVersion, clock, boundary } = context;
  const runbook = runbookOf(context.runbooks, run.runbook);
  const began = performance.now();
  const recording = await gather(context, runbook, run);
  const lookedMs = Math.round(performance.now() - began);
  boundary('gathered');
  // The plan of record is the replayed one, so that what people are shown can always be rebuilt.
  const replayed = await runbook.look(runbook.fromWords(run.arguments, run.requester), readerOver(replay(recording)), site);
  const { diagnosis } = replayed;
  const plan = replayed.planAs(workName(run.id, round.number));
  const steps = stepsOf(plan).map((step, index) => ({
    digest: digestOfStep(step, { run: run.id, round: round.number, index }, buildVersion),
    preview: previewStep(step),
    risk: step.change.risk,
    holds: step.holds,
    wordToType: wordToType(step),
  }));
  store.addRound({
    run: run.id,
    ...round,
    recording,
    lookedMs,
    at: clock(),
    steps: round.offers ? steps : [],
    diagnosis,
    ...('stop' in plan ? { stop: plan.stop } : {}),
  });
  context.looks.keep(run, round.number, { look: replayed, plan });
  boundary('round-written');
}

async function gather(context: Context, runbook: Runbook, run: StoredRun): Promise<Recording> {
  const recording: Record<string, Outcome> = {};
  const reader = readerOver(recordInto(recording, context.targets.read));
  await runbook.look(runbook.fromWords(run.arguments, run.requester), reader, context.site);
  return { ...recording };
}
