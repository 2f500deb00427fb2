import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import { APPROVE, DENY } from '../src/slack/decision-value.ts';
import { ACKNOWLEDGE, CLOSE, DIAGNOSE, SILENCE, TAKE } from '../src/slack/incident-buttons.ts';
import { SILENCE_VIEW } from '../src/slack/incident-modal.ts';
import { APPROVE_VIEW, CANCEL_VIEW, DENY_VIEW, TAKE_OVER_VIEW } from '../src/slack/modals.ts';
import { AGAIN, CANCEL, TAKE_OVER, UNDO } from '../src/slack/run-buttons.ts';
import { approveAction, denyAction } from './actions/decide.ts';
import { incidentAction, silenceAction } from './actions/incident.ts';
import { cancelAction, followAction, takeOverAction } from './actions/run.ts';
import { storageCommand } from './commands/storage.ts';
import { appMention } from './events/app-mention.ts';
import { channelMessage } from './events/channel-message.ts';
import type { PressListener } from './interaction.ts';
import type { HandlerContext } from './requests.ts';
import { approveSubmission, denySubmission } from './views/decide.ts';
import { cancelSubmission, takeOverSubmission } from './views/run.ts';
import { silenceSubmission } from './views/silence.ts';

export type { HandlerContext } from './requests.ts';

/** Everything that this bot answers to in Slack. */
export function registerHandlers(app: App, context: HandlerContext): void {
  const onButton = (id: string, listener: PressListener) =>
    app.action<BlockAction<ButtonAction>>({ type: 'block_actions', action_id: id }, listener);
  app.command('/storage', storageCommand(context));
  app.event('app_mention', appMention(context));
  app.event('message', channelMessage(context));
  onButton(APPROVE, approveAction(context));
  onButton(DENY, denyAction(context));
  onButton(AGAIN, followAction(context, 'again'));
  onButton(UNDO, followAction(context, 'undo'));
  onButton(CANCEL, cancelAction(context));
  onButton(TAKE_OVER, takeOverAction(context));
  onButton(ACKNOWLEDGE, incidentAction(context, 'acknowledge'));
  onButton(TAKE, incidentAction(context, 'take'));
  onButton(DIAGNOSE, incidentAction(context, 'diagnose'));
  onButton(CLOSE, incidentAction(context, 'close'));
  onButton(SILENCE, silenceAction(context));
  app.view(SILENCE_VIEW, silenceSubmission(context));
  app.view(DENY_VIEW, denySubmission(context));
  app.view(APPROVE_VIEW, approveSubmission(context));
  app.view(CANCEL_VIEW, cancelSubmission(context));
  app.view(TAKE_OVER_VIEW, takeOverSubmission(context));
}
