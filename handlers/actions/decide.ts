import type { DecisionRequest } from '../../src/core/ports.ts';
import type { DecisionTarget } from '../../src/slack/decision-value.ts';
import { decodeDecision } from '../../src/slack/decision-value.ts';
import type { StepPlace } from '../../src/slack/message.ts';
import { confirmModal, denyModal } from '../../src/slack/modals.ts';
import { decide, decisionMessage, offerOf } from '../deciding.ts';
import type { Press, PressListener, PressReply } from '../interaction.ts';
import { onPress, words } from '../interaction.ts';
import type { HandlerContext } from '../requests.ts';
import { FOREIGN_BUTTON } from '../words.ts';

/** A press of Approve counts at once; a destructive change asks first for the name of what it changes. */
export function approveAction(context: HandlerContext): PressListener {
  return onDecision(context, 'approve', ({ offer, target, press }) =>
    offer.step.change.risk === 'destructive' && offer.view.frozen === undefined
      ? { opens: confirmModal(offer, { ...target, ...press.place }) }
      : undefined,
  );
}

/** A press of Deny asks for the reason first. */
export function denyAction(context: HandlerContext): PressListener {
  return onDecision(context, 'deny', ({ offer, target, press }) => ({
    opens: denyModal(offer, { ...target, ...press.place }, press.actor),
  }));
}

interface OnOffer {
  readonly offer: StepPlace;
  readonly target: DecisionTarget;
  readonly press: Press;
}

/** The engine is asked also about what is not on offer any more: it says why, and keeps that somebody tried. */
function onDecision(
  context: HandlerContext,
  verdict: DecisionRequest['verdict'],
  ask: (about: OnOffer) => PressReply | undefined,
): PressListener {
  return onPress(context, async (press) => {
    const target = decodeDecision(press.value);
    if (target === undefined) return words(FOREIGN_BUTTON);
    const offer = await offerOf(context, target);
    const asked = offer === undefined ? undefined : ask({ offer, target, press });
    if (asked !== undefined) return asked;
    const answer = await decide(context, { ...target, actor: press.actor, verdict, key: press.key });
    return { says: decisionMessage(answer, target) };
  });
}
