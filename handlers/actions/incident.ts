import type { IncidentView } from '../../src/core/incident.ts';
import type { IncidentAction, Incidents } from '../../src/core/incident-ports.ts';
import type { Answer } from '../../src/core/ports.ts';
import { decodeIncident } from '../../src/slack/incident-buttons.ts';
import { canSilence, type FiringNow, silenceModal } from '../../src/slack/incident-modal.ts';
import type { PressListener } from '../interaction.ts';
import { onPress, words } from '../interaction.ts';
import type { HandlerContext } from '../requests.ts';
import { firingNow } from '../silencing.ts';
import { FOREIGN_BUTTON } from '../words.ts';

/** What one press does to an incident: its message says it to everybody, the answer only to who pressed. */
export function incidentAction(context: HandlerContext, does: 'acknowledge' | 'take' | 'diagnose' | 'close'): PressListener {
  return onIncident(context, async (incidents, action) => {
    const { accepted, says } = await incidents[does](action);
    context.log.info({ incident: action.incident, does, actor: action.actor.id, accepted }, 'an incident was acted on');
    return { says };
  });
}

/** Slack opens a window only within 3 s of the press. */
const SAYS_WITHIN_MS = 1_200;

/** A press of Silence shows exactly what would be muted, and asks what of it and for how long. */
export function silenceAction(context: HandlerContext): PressListener {
  return onIncident(context, async (incidents, { incident }) => {
    const view = incidents.view(incident);
    if (view === undefined) return { says: `There is no incident ${incident}.` };
    if (!canSilence(view)) return { says: 'No alert of it that Alertmanager knows fires, so there is nothing to silence.' };
    return { view, firing: await firingNow(context, SAYS_WITHIN_MS) };
  });
}

interface Window {
  readonly view: IncidentView;
  readonly firing: FiringNow;
}

function onIncident(
  context: HandlerContext,
  act: (incidents: Incidents, action: IncidentAction) => Promise<Pick<Answer, 'says'> | Window>,
): PressListener {
  return onPress(context, async ({ value, actor, key, place, threadOfMessage: thread }) => {
    const incident = decodeIncident(value);
    if (incident === undefined) return words(FOREIGN_BUTTON);
    if (context.incidents === undefined) return words(NO_ALERTS);
    const answer = await act(context.incidents, { incident, actor, key });
    if ('says' in answer) return words(answer.says);
    return { opens: silenceModal(answer.view, { ...place, ...(thread === undefined ? {} : { thread }) }, answer.firing) };
  });
}

/** The answer to a button of a time in which alerts were configured. */
export const NO_ALERTS = 'The bot takes no alerts now: its configuration has no section alerts.';
