import { ALERTS } from '../core/actors.ts';
import { Refusal } from '../core/errors.ts';
import type { Incident, IncidentView } from '../core/incident.ts';
import type { Origin } from '../core/ports.ts';
import type { Actor, RunView } from '../core/run.ts';
import { type Conducting, isDiagnosing } from './conductor-parts.ts';
import { lateRuns, looksAround, untriedOf, waysOf } from './ways.ts';

/** Starts the diagnosis of each incident that wants one. */
export async function diagnose(conducting: Conducting): Promise<void> {
  const { store, log } = conducting;
  for (const head of store.openHeads()) {
    const { id } = head;
    try {
      await wantShown(conducting, head);
      const incident = store.wantsDiagnosis(id) ? store.incident(id) : undefined;
      const origin = incident && originOf(conducting, incident);
      if (incident !== undefined && origin !== undefined) await startDiagnosis(conducting, incident, { origin });
    } catch (error) {
      log.error({ incident: id, err: error }, 'the diagnosis of an incident could not be started; it is tried again');
    }
  }
}

/** So long an incident waits for its thread before it is diagnosed without one: other alerts wait for what is found. */
const THREAD_WITHIN_MS = 60_000;

/** Undefined while its thread is about to be there. */
function originOf({ store, holdsBack, clock }: Conducting, incident: IncidentView): Origin | undefined {
  const thread = store.threadOf(incident.id);
  if (thread !== undefined) return thread;
  return holdsBack(incident) || clock() - incident.openedAt >= THREAD_WITHIN_MS ? { kind: 'alert' } : undefined;
}

/** What was diagnosed for nobody to see is diagnosed once more in the thread when there is one, if something still fires. */
async function wantShown(conducting: Conducting, { id, runs }: Incident): Promise<void> {
  const { store, engine } = conducting;
  const last = runs.at(-1);
  if (last === undefined || store.run(last)?.origin.kind !== 'alert' || store.threadOf(id) === undefined) return;
  if (isDiagnosing(conducting, { id, runs }) || !store.firingIncidents().has(id)) return;
  await engine.withdraw(last, 'Its incident has a thread now, in which all of this is looked at anew.');
  store.wantDiagnosis(id);
}

/** So many diagnoses within the window are enough. */
const MOST_WAYS = 3;

/** When its last diagnosis has ended and told nothing of the cause, another way to look is wanted. */
export function lookElsewhere(conducting: Conducting, incident: IncidentView, { id, rounds }: RunView): void {
  const { store } = conducting;
  const run = store.run(id);
  if (run === undefined || (run.status !== 'finished' && run.status !== 'broken')) return;
  // Who stopped it decides what comes next.
  if (run.cancelled !== null || run.withdrawn !== null) return;
  const { because, kind } = incident.cause;
  const findsSomething = (rounds.at(-1)?.diagnosis.findings ?? []).length > 0;
  if (because === 'proved' || (findsSomething && (because === 'own' || !looksAround(kind)))) return;
  const late = lateRuns(conducting, incident);
  if (late.length === 0 || late.length >= MOST_WAYS || !store.firingIncidents().has(incident.id)) return;
  if (untriedOf(conducting, incident).length > 0) store.wantDiagnosis(incident.id, { next: true });
}

export interface Start {
  readonly origin: Origin;
  /** Who asked for it; absent: whoever wished for it. */
  readonly actor?: Actor;
}

/**
 * Starts the diagnosis that is wished for. Returns the run; undefined where no runbook looks at what the incident is about. Of the key of the wish it
 * is the same run, so that a bot that died before it could remember the run finds it again. Rejects when it cannot be started.
 */
export async function startDiagnosis(
  conducting: Conducting,
  incident: IncidentView,
  { origin, actor }: Start,
): Promise<string | undefined> {
  const { engine, store, toJudge, boundary } = conducting;
  const wish = store.wishOf(incident.id);
  if (wish === undefined) return undefined;
  const { key, by, next } = wish;
  for (const way of next === true ? untriedOf(conducting, incident) : waysOf(conducting, incident)) {
    const run = await started(() => engine.start({ ...way, requester: actor ?? by ?? ALERTS, origin, key }));
    if (run === undefined) continue;
    boundary('run-started');
    store.addIncidentRun(incident.id, run);
    // One that was begun before a crash may have ended already, and tells nothing more.
    toJudge.add(incident.id);
    boundary('run-remembered');
    return run;
  }
  store.skipDiagnosis(incident.id);
  return undefined;
}

/** Undefined when the runbook cannot make sense of these words, which hold labels of alerts. */
async function started(start: () => Promise<string>): Promise<string | undefined> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'bad-request') return undefined;
    throw error;
  }
}
