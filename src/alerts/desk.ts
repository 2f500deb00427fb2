import { messageOf } from '../core/errors.ts';
import type { IncidentView } from '../core/incident.ts';
import type { IncidentAction, Incidents } from '../core/incident-ports.ts';
import type { Answer } from '../core/ports.ts';
import type { Conducting } from './conductor-parts.ts';
import { startDiagnosis } from './diagnosing.ts';

/** What people do with incidents. */
export function createDesk(conducting: Conducting): Incidents {
  const { store, clock, settings } = conducting;
  const word = ({ actor, key }: IncidentAction) => ({ by: actor, at: clock(), key });
  return {
    view: store.incident,
    open: store.openIncidents,
    acknowledge: (action) =>
      answered(conducting, action, ({ id, acknowledged }) => {
        if (store.acknowledgeIncident(id, word(action))) return yes(`You have acknowledged incident ${id}.`);
        return no(`${acknowledged?.by.name ?? 'Somebody'} has acknowledged incident ${id} already.`);
      }),
    take: (action) =>
      answered(conducting, action, ({ id, taken }) => {
        if (!store.takeIncident(id, word(action))) return no(`You look after incident ${id} already.`);
        const before = taken === undefined ? '' : ` ${taken.by.name} did so before.`;
        const rules = settings.autoApply.length === 0 ? '' : ' No rule approves anything in it from now on.';
        return yes(`You look after incident ${id} now.${before}${rules}`);
      }),
    diagnose: (action) => answered(conducting, action, (incident) => again(conducting, incident, action)),
    close: (action) =>
      answered(conducting, action, ({ id, members }) => {
        if (!store.closeIncident(id, { ...word(action), because: 'closed' })) return no(closedWords(id));
        const firing = members.filter(({ endsAt }) => endsAt === undefined).length;
        const still =
          firing === 0
            ? ''
            : ` ${firing === 1 ? 'One of its alerts fires' : `${firing} of its alerts fire`} still, and nobody is told of that again.`;
        return yes(`You have closed incident ${id}.${still}`);
      }),
  };
}

async function again(conducting: Conducting, incident: IncidentView, { actor, key }: IncidentAction): Promise<Answer> {
  const { id } = incident;
  const { store, clock, log } = conducting;
  const thread = store.threadOf(id);
  if (thread === undefined) return no(`Incident ${id} has no thread yet. Try again in a minute.`);
  // What is written down is begun also by a bot that died here.
  store.wantDiagnosis(id, { by: actor, press: { key, at: clock() } });
  try {
    const run = await startDiagnosis(conducting, incident, { origin: thread, actor });
    return run === undefined
      ? no(`No runbook looks at what incident ${id} is about.`)
      : yes(`The diagnosis of incident ${id} is made once more: run ${run}.`);
  } catch (error) {
    log.error({ incident: id, err: error }, 'the diagnosis that somebody asked for could not be started; it is tried again');
    return yes(`The diagnosis of incident ${id} could not be started yet: ${messageOf(error)} It is tried again by itself.`);
  }
}

async function answered(
  { store, clock, whyNot, log }: Conducting,
  { incident: id, actor, key }: IncidentAction,
  act: (incident: IncidentView) => Answer | Promise<Answer>,
): Promise<Answer> {
  try {
    const refusal = await whyNot(actor);
    if (refusal !== undefined) return no(refusal);
    const incident = store.incident(id);
    if (incident === undefined) return no(`There is no incident ${id}.`);
    if (incident.closed !== undefined) return no(closedWords(id));
    if (store.isClaimed(key)) return no(REPEATED);
    // What it does marks the press as taken in the same transaction; before that nothing may be waited for.
    const answer = await act(incident);
    store.claim(key, clock());
    return answer;
  } catch (error) {
    log.error({ incident: id, err: error }, 'a word over an incident could not be written down');
    return no(`That could not be written down, so it does not count: ${messageOf(error)}`);
  }
}

const REPEATED = 'Slack delivered this a second time, and nothing was done for it again.';

function closedWords(id: string): string {
  return `Too late: incident ${id} has ended.`;
}

function yes(says: string): Answer {
  return { accepted: true, says };
}

function no(says: string): Answer {
  return { accepted: false, says };
}
