import { isRuleActor } from '../core/actors.ts';
import { messageOf } from '../core/errors.ts';
import type { IncidentView } from '../core/incident.ts';
import type { IncidentExtras } from '../core/incident-ports.ts';
import type { Decision, RunView } from '../core/run.ts';
import type { Conducting } from './conductor-parts.ts';
import { caveatsOf } from './known-alerts.ts';

export interface Showing {
  /** Begins to show every incident that looks different than it was last shown. Returns at once. */
  readonly look: () => void;
  /** Shows nothing more; waits a short while for what is being shown. */
  readonly stop: () => Promise<void>;
}

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 300_000;
const STOP_WITHIN_MS = 3_000;
const MOST_CAVEATS = 3;

interface Failed {
  readonly afterMs: number;
  readonly until: number;
}

/** Shows one state of an incident at a time, always the latest, until that one was shown: also after errors and restarts. */
export function createShowing(conducting: Conducting, shown: (incident: string) => void): Showing {
  const { store, log } = conducting;
  const active = new Map<string, Promise<void>>();
  const failed = new Map<string, Failed>();
  let stopped = false;
  const work = async (id: string) => {
    try {
      while (!stopped && (await showOnce(conducting, id))) shown(id);
      failed.delete(id);
    } catch (error) {
      const afterMs = Math.min((failed.get(id)?.afterMs ?? FIRST_RETRY_MS / 2) * 2, LAST_RETRY_MS);
      failed.set(id, { afterMs, until: performance.now() + afterMs });
      log.warn({ incident: id, reason: messageOf(error) }, 'an incident was not shown; it is tried again');
    } finally {
      active.delete(id);
    }
  };
  return {
    look() {
      for (const id of store.unreportedIncidents()) {
        if (stopped || active.has(id) || performance.now() < (failed.get(id)?.until ?? 0)) continue;
        active.set(id, Promise.resolve(id).then(work));
      }
    },
    async stop() {
      stopped = true;
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, STOP_WITHIN_MS);
      await Promise.race([Promise.all(active.values()), late]).finally(() => clearTimeout(timer));
    },
  };
}

/** False when there is nothing to show now. */
async function showOnce(conducting: Conducting, id: string): Promise<boolean> {
  const { store, report, holdsBack, boundary } = conducting;
  const view = store.incident(id);
  if (view === undefined || (store.reportedRevision(id) ?? 0) >= view.revision) return false;
  // What goes on as another incident before anybody saw it has nothing to tell.
  if (store.threadOf(id) === undefined && (view.closed?.because === 'merged' || holdsBack(view))) return false;
  const thread = await report(view, await extrasOf(conducting, view));
  boundary('incident-shown');
  store.markIncidentReported(id, { revision: view.revision, thread });
  boundary('shown-written');
  return true;
}

async function extrasOf(
  { engine, maintenance, doubted, offers }: Conducting,
  { id, runs, members }: IncidentView,
): Promise<IncidentExtras> {
  const last = runs.at(-1);
  const diagnosis = last === undefined ? undefined : await engine.view(last);
  const now = maintenance();
  const waiting = diagnosis?.status === 'waiting' ? offers.get(diagnosis.id)?.obstacle : undefined;
  const approvals = diagnosis === undefined ? [] : byRule(diagnosis);
  const doubt = doubted.incidents.has(id) ? doubted.why : undefined;
  const notes = [
    ...(doubt === undefined ? [] : [`${doubt} So this is not over yet.`]),
    ...(now === undefined ? [] : [now]),
    ...(waiting === undefined ? [] : [`The step that is offered waits. ${waiting.says}`]),
    ...caveatsOf(members).slice(0, MOST_CAVEATS),
  ];
  return {
    ...(diagnosis && { diagnosis }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(approvals.length === 0 ? {} : { approvals }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** What was approved without a person, and who allowed that. */
function byRule({ rounds }: RunView): readonly Decision[] {
  return rounds.flatMap(({ steps }) => steps.flatMap(({ decisions }) => decisions.filter(({ actor }) => isRuleActor(actor))));
}
