import type { ModalView } from '@slack/types';
import type { FollowUp } from '../../src/core/ports.ts';
import type { RunView } from '../../src/core/run.ts';
import type { AnswerPlace } from '../../src/slack/modal-target.ts';
import { cancelModal, takeOverModal } from '../../src/slack/modals.ts';
import { decodeRun } from '../../src/slack/run-buttons.ts';
import { hasEnded } from '../../src/slack/words.ts';
import type { PressListener } from '../interaction.ts';
import { onPress, words } from '../interaction.ts';
import type { HandlerContext } from '../requests.ts';
import { FOREIGN_BUTTON } from '../words.ts';

/** One press starts a run that repeats this one or takes it back, in the same thread; it changes nothing by itself. */
export function followAction(context: HandlerContext, how: FollowUp['how']): PressListener {
  return onPress(context, async ({ value, actor, place, threadOfMessage: thread, key }) => {
    const run = decodeRun(value);
    if (run === undefined) return words(FOREIGN_BUTTON);
    const origin = { kind: 'slack', channel: place.channel, ...(thread === undefined ? {} : { thread }) } as const;
    const { says, accepted, run: follower } = await context.engine.follow({ run, how, actor, origin, key });
    context.log.info({ run, how, actor: actor.id, accepted, follower }, 'a run was asked to be followed');
    return words(says);
  });
}

/** A press of Cancel asks for the reason first. */
export function cancelAction(context: HandlerContext): PressListener {
  return askingWhy(context, cancelModal);
}

/** So does a press of Take it over. */
export function takeOverAction(context: HandlerContext): PressListener {
  return askingWhy(context, takeOverModal);
}

function askingWhy(context: HandlerContext, modal: (view: RunView, place: AnswerPlace) => ModalView): PressListener {
  return onPress(context, async ({ value, place }) => {
    const run = decodeRun(value);
    if (run === undefined) return words(FOREIGN_BUTTON);
    const view = await context.engine.view(run);
    if (view === undefined) return words(`There is no run ${run}.`);
    return hasEnded(view) ? words(`Run ${run} has ended.`) : { opens: modal(view, place) };
  });
}
