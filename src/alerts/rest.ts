import { verdictOf } from '../core/finding.ts';
import type { Incident } from '../core/incident.ts';
import type { RunView } from '../core/run.ts';
import { type Conducting, isDiagnosing } from './conductor-parts.ts';
import { isNamedSince } from './guarding.ts';
import { lateRuns } from './ways.ts';

/** So many diagnoses within the window are enough. */
const MOST_RUNS = 3;

/**
 * Wants another look at a cause where another answer may be found by now. One that was proved may be well: that is looked at at once when what was offered
 * for it is not needed any more; else after the window, when some alerts of it have ended since and some fire on, or when the last look saw nothing. One
 * that was found well may be ill when an alert says so anew.
 */
export async function lookAtRest(conducting: Conducting): Promise<void> {
  const { store } = conducting;
  for (const incident of store.openHeads()) {
    const { id, cause, quietSince, runs } = incident;
    const isAsked = cause.because === 'proved' || (cause.because === 'named' && incident.cleared !== undefined);
    if (!isAsked || quietSince !== undefined) continue;
    // People were asked something, which says that it is ill; or a change is being made, which is followed by a look.
    const isBusy = runs.some((run) => store.run(run)?.status === 'waiting' || store.run(run)?.status === 'applying');
    if (isBusy || isDiagnosing(conducting, incident)) continue;
    if (await mayBeOtherwise(conducting, incident)) store.wantDiagnosis(id);
  }
}

async function mayBeOtherwise(conducting: Conducting, incident: Incident): Promise<boolean> {
  if (incident.cause.because === 'proved') return mayBeWell(conducting, incident);
  // One look at what it says is enough, whatever that finds.
  const lookedAt = conducting.store.run(incident.runs.at(-1) ?? '')?.startedAt ?? 0;
  return lateRuns(conducting, incident).length < MOST_RUNS && isNamedSince(conducting, incident, lookedAt);
}

async function mayBeWell(conducting: Conducting, incident: Incident): Promise<boolean> {
  const { engine, settings, clock } = conducting;
  const { cause, runs } = incident;
  const late = lateRuns(conducting, incident);
  const isOld = late.length === 0 && clock() - (cause.provedAt ?? clock()) >= settings.windowMs;
  if (late.length >= MOST_RUNS) return false;
  const last = runs.at(-1);
  const view = last === undefined ? undefined : await engine.view(last);
  if (view === undefined) return isOld && isLess(conducting, incident);
  return isGone(conducting, view) || (isOld && (isLess(conducting, incident) || isBlind(view)));
}

/** Whether the bot took the offer of a run back because what it would have repaired is not so any more. */
function isGone({ store }: Conducting, { id, rounds, cancelled }: RunView): boolean {
  if (cancelled !== undefined || store.run(id)?.withdrawn !== null) return false;
  return rounds.at(-1)?.steps.some(({ status }) => status === 'withdrawn') === true;
}

function isBlind({ rounds }: RunView): boolean {
  const round = rounds.at(-1);
  return round === undefined || verdictOf(round.diagnosis) === 'blind';
}

function isLess({ store, clock }: Conducting, { id, cause: { provedAt = clock() } }: Incident): boolean {
  const members = store.incident(id)?.members ?? [];
  return (
    members.some(({ endsAt }) => endsAt === undefined) && members.some(({ endsAt }) => endsAt !== undefined && endsAt > provedAt)
  );
}
