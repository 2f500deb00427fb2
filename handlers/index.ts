import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import { APPROVE, DENY } from '../src/slack/decision-value.ts';
import { decideAction } from './actions/decide.ts';
import { storageCommand } from './commands/storage.ts';
import { appMention } from './events/app-mention.ts';
import type { HandlerContext } from './requests.ts';

export type { HandlerContext } from './requests.ts';

/** Everything that this bot answers to in Slack. */
export function registerHandlers(app: App, context: HandlerContext): void {
  app.command('/storage', storageCommand(context));
  app.action<BlockAction<ButtonAction>>({ type: 'block_actions', action_id: APPROVE }, decideAction(context, 'approve'));
  app.action<BlockAction<ButtonAction>>({ type: 'block_actions', action_id: DENY }, decideAction(context, 'deny'));
  app.event('app_mention', appMention(context));
}
