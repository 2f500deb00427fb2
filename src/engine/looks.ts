import { Refusal } from '../core/errors.ts';
import type { Plan, Step } from '../core/plan.ts';
import { digestOf, previewStep } from '../core/plan.ts';
import { readerOver, replay } from '../core/reading.ts';
import type { Look, Runbook } from '../core/runbook.ts';
import type { Site } from '../core/site.ts';
import type { StepKey, Store, StoredRun } from '../store/store.ts';
import { runbookOf } from './runbook-of.ts';

/** What a stored recording means to the code of now, and the plan with the names that this run uses. */
export interface RunLook {
  readonly look: Look;
  readonly plan: Plan;
}

export interface Looks {
  /** Rejects when this version cannot make sense of the recording. */
  readonly of: (run: StoredRun, round: number) => Promise<RunLook>;
  /** Saves the rebuilding of a look whose recording was written just now. */
  readonly keep: (run: StoredRun, round: number, look: RunLook) => void;
}

const KEPT = 30;

/** Rebuilds looks from the store by replaying their recordings, and keeps the latest in memory. */
export function createLooks(parts: { runbooks: ReadonlyMap<string, Runbook>; site: Site; store: Store }): Looks {
  const kept = new Map<string, Promise<RunLook>>();
  const rebuild = async (run: StoredRun, round: number) => {
    if (run.droppedAt !== null) throw new Refusal('stale', droppedWords(run, run.droppedAt));
    const recording = parts.store.recording(run.id, round);
    if (recording === undefined) throw new Error(`Run ${run.id} has no round ${round}`);
    const runbook = runbookOf(parts.runbooks, run.runbook);
    const look = await runbook.look(runbook.fromWords(run.arguments, run.requester), readerOver(replay(recording)), parts.site);
    return { look, plan: look.planAs(workName(run.id, round)) };
  };
  const put = (run: StoredRun, round: number, look: Promise<RunLook>) => {
    kept.set(`${run.id} ${round}`, look);
    const oldest = kept.keys().next();
    if (kept.size > KEPT && !oldest.done) kept.delete(oldest.value);
    return look;
  };
  return {
    of: (run, round) => put(run, round, kept.get(`${run.id} ${round}`) ?? rebuild(run, round)),
    keep: (run, round, look) => void put(run, round, Promise.resolve(look)),
  };
}

/** Why nothing of a run can be rebuilt, for a person. */
export function droppedWords({ id }: StoredRun, droppedAt: number): string {
  const at = new Date(droppedAt).toISOString();
  return `What run ${id} saw was dropped on ${at} because of its age (state.keepRuns). What it found, did and planned: storagebot audit show ${id}`;
}

/** How the names of all work begin that a round of a run starts at its targets; fit for Kubernetes and systemd. */
export function workName(run: string, round: number): string {
  return `storagebot-${run}-${round}`;
}

/** Names a step of one run, as one person saw it, made by one build. */
export function digestOfStep(step: Step, { run, round, index }: StepKey, buildVersion: string): string {
  return digestOf(`${previewStep(step)}\n${run} ${round} ${index}`, buildVersion);
}
