import { bold, context, escaped, fallback, header, moment, paragraph, rich, words } from './blocks.ts';
import type { Message, StepPlace } from './message.ts';
import type { Approvers } from './offer.ts';
import { whoMayApprove } from './offer.ts';
import * as text from './words.ts';

/** The reminder that an offer is about to end: a message of its own, because an update notifies nobody. */
export function renderWarning(place: StepPlace, approvers?: Approvers): Message {
  const { view, round, index, state } = place;
  const name = `step ${text.stepName(round, index)}`;
  const print = context(`run ${escaped(view.id)}`);
  if (!text.isOnOffer(view, state)) {
    const over = `The reminder of ${name} is over: it is no longer on offer.`;
    return { text: fallback(over), blocks: [rich(paragraph(words(over))), print] };
  }
  const title = `Nobody has decided on ${name} yet`;
  const when = paragraph(words('Its offer ends '), moment(state.expiresAt), words('; then it must be planned again.'));
  const who = view.frozen === undefined ? paragraph(bold('Who may approve: '), ...whoMayApprove(place, approvers)) : FROZEN;
  return {
    text: fallback(`${title}; its offer ends ${text.instant(state.expiresAt)}`),
    blocks: [header(title), rich(when), rich(who), print],
  };
}

const FROZEN = paragraph(words('The bot is frozen: nothing can be approved until it is released.'));
