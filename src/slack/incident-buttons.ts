import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import type { IncidentView } from '../core/incident.ts';
import { silenceable } from './incident-silence.ts';
import { firingOf } from './incident-words.ts';
import { count } from './words.ts';

export const ACKNOWLEDGE = 'storagebot:incident-acknowledge';
export const TAKE = 'storagebot:incident-take';
export const DIAGNOSE = 'storagebot:incident-diagnose';
export const SILENCE = 'storagebot:incident-silence';
export const CLOSE = 'storagebot:incident-close';

/** Undefined when this is not the value of a button that names an incident. */
export function decodeIncident(value: string): string | undefined {
  return /^[\w:.-]{1,100}$/.test(value) ? value : undefined;
}

/** What people can do with an incident now; nothing once it is closed. */
export function incidentButtons(view: IncidentView): KnownBlock[] {
  if (view.closed !== undefined) return [];
  const elements: Button[] = [
    ...(view.acknowledged === undefined ? [button(view, ACKNOWLEDGE, 'Acknowledge')] : []),
    button(view, TAKE, 'Take over'),
    button(view, DIAGNOSE, 'Diagnose again'),
    ...(silenceable(view).length === 0 ? [] : [button(view, SILENCE, 'Silence…')]),
    closeButton(view),
  ];
  const row: ActionsBlock = { type: 'actions', elements };
  return [row];
}

function closeButton(view: IncidentView): Button {
  const { length } = firingOf(view);
  const still = length === 0 ? 'None of its alerts fires.' : `${count(length, 'alert')} of it still fire.`;
  return {
    ...button(view, CLOSE, 'Close'),
    confirm: {
      title: { type: 'plain_text', text: 'Close this incident?', emoji: false },
      text: {
        type: 'plain_text',
        text: `${still} Nobody is told of them here any more; what fires anew later opens another incident.`,
        emoji: false,
      },
      confirm: { type: 'plain_text', text: 'Close it', emoji: false },
      deny: { type: 'plain_text', text: 'Not now', emoji: false },
    },
  };
}

function button({ id }: IncidentView, actionId: string, text: string): Button {
  return { type: 'button', action_id: actionId, text: { type: 'plain_text', text, emoji: false }, value: id };
}
