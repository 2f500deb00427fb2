import type { IncidentView } from '../core/incident.ts';
import type { RunView } from '../core/run.ts';
import type { Conducting } from './conductor-parts.ts';
import { deduce } from './deducing.ts';
import { lookElsewhere } from './diagnosing.ts';
import { merge } from './merging.ts';
import { judgeOffer, otherwiseNow } from './offering.ts';
import { prove } from './proving.ts';

/** Looks at the runs that look different now: first at all that they found, which may lie under what others offer, then at the offers. */
export async function judgeRuns(conducting: Conducting): Promise<void> {
  const { toJudge } = conducting;
  const round = new Set(toJudge);
  // What comes meanwhile is judged in the next round.
  toJudge.clear();
  const failed: unknown[] = [];
  const each = async (ids: ReadonlySet<string>, judge: (conducting: Conducting, incident: IncidentView) => Promise<void>) => {
    for (const id of ids) {
      const incident = conducting.store.incident(id);
      if (incident === undefined || incident.closed !== undefined) continue;
      await judge(conducting, incident).catch((error: unknown) => {
        toJudge.add(id);
        failed.push(error);
      });
    }
  };
  await each(round, judgeCause);
  if (round.size > 0) {
    await deduce(conducting);
    merge(conducting);
  }
  await each(new Set([...round, ...otherwiseNow(conducting)]), judgeOffers);
  if (failed.length > 0) throw failed[0];
}

async function judgeCause(conducting: Conducting, incident: IncidentView): Promise<void> {
  const last = await viewOf(conducting, incident.runs.at(-1));
  if (last === undefined) return;
  prove(conducting, incident, last);
  const now = conducting.store.incident(incident.id);
  if (now !== undefined) lookElsewhere(conducting, now, last);
}

async function judgeOffers(conducting: Conducting, { id, runs, withheldBy }: IncidentView): Promise<void> {
  const { store } = conducting;
  // A rule approves nothing that nobody is shown.
  if (store.threadOf(id) === undefined) return;
  // An incident that lasts for days has many runs that ended, of which the last one's offer may come again.
  const ofUse = runs.filter(
    (run, index) => store.run(run)?.status === 'waiting' || (withheldBy !== undefined && index === runs.length - 1),
  );
  for (const run of ofUse) {
    const view = await viewOf(conducting, run);
    if (view !== undefined) await judgeOffer(conducting, id, view);
  }
}

/** Undefined while it looks. */
async function viewOf({ store, engine }: Conducting, run: string | undefined): Promise<RunView | undefined> {
  const status = run === undefined ? undefined : store.run(run)?.status;
  return run === undefined || status === undefined || status === 'looking' ? undefined : engine.view(run);
}
