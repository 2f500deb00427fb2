import { answerMessage } from '../src/slack/answer.ts';
import { renderFiring, renderIncidents } from '../src/slack/incident-list.ts';
import type { Message } from '../src/slack/message.ts';
import { NO_ALERTS } from './actions/incident.ts';
import type { ParsedRequest } from './parse.ts';
import type { HandlerContext } from './requests.ts';

/** The answer to `incidents`: only for who asked. */
export function incidentsMessage(
  { incidents }: HandlerContext,
  { about }: Extract<ParsedRequest, { kind: 'incidents' }>,
): Message {
  if (incidents === undefined) return answerMessage(NO_ALERTS);
  if (about === undefined) return renderIncidents(incidents.open());
  const view = incidents.view(about);
  return view === undefined ? answerMessage(`There is no incident ${about}.`) : renderFiring(view);
}
