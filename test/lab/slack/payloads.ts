import type { Block } from './blocks.ts';
import type { BlockElement } from './elements.ts';
import { APP_ID, BOT_ID, BOT_USER, newId, TEAM_ID } from './ids.ts';
import type { LabChannel, LabMessage, LabUser, LabView } from './state.ts';

/** The shapes in which Slack tells an app about messages, views and what people did. */

export type Payload = Readonly<Record<string, unknown>>;

const TEAM = { id: TEAM_ID, domain: 'lab' };

/** The fixed parts of every interaction. */
function interaction(user: LabUser, triggerId: string): Payload {
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: TEAM_ID },
    api_app_id: APP_ID,
    token: 'legacy-verification-token',
    team: TEAM,
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: triggerId,
  };
}

export interface CommandParts {
  readonly user: LabUser;
  readonly channel: LabChannel;
  readonly command: string;
  readonly text: string;
  readonly responseUrl: string;
  readonly triggerId: string;
}

export function commandPayload({ user, channel, command, text, responseUrl, triggerId }: CommandParts): Payload {
  return {
    token: 'legacy-verification-token',
    team_id: TEAM_ID,
    team_domain: TEAM.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text: escapeText(text),
    api_app_id: APP_ID,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  };
}

export interface PressParts {
  readonly user: LabUser;
  readonly triggerId: string;
  readonly block: Block;
  readonly element: BlockElement;
  readonly actionTs: string;
  /** For a menu: the value that was chosen. */
  readonly chosen?: string;
}

function blockActions(parts: PressParts): Payload {
  return { type: 'block_actions', ...interaction(parts.user, parts.triggerId), actions: [action(parts)], state: { values: {} } };
}

function action({ block, element, actionTs, chosen }: PressParts): Payload {
  const common = { type: element.type, block_id: block.block_id, action_id: element.action_id, action_ts: actionTs };
  if (element.type === 'static_select') {
    return { ...common, selected_option: element.options.find(({ value }) => value === chosen) ?? null };
  }
  if (element.type === 'plain_text_input') return { ...common, value: chosen ?? '' };
  const { text, value, style } = element;
  return { ...common, text, ...(value === undefined ? {} : { value }), ...(style === undefined ? {} : { style }) };
}

export function messagePress(parts: PressParts, message: LabMessage, channel: LabChannel, responseUrl: string): Payload {
  const ephemeral = message.visibleTo !== undefined;
  const container = {
    type: 'message',
    message_ts: message.ts,
    channel_id: channel.id,
    is_ephemeral: ephemeral,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
  };
  return {
    ...blockActions(parts),
    container,
    channel: { id: channel.id, name: channel.name },
    response_url: responseUrl,
    ...(ephemeral ? {} : { message: apiMessage(message) }),
  };
}

export function viewPress(parts: PressParts, view: LabView): Payload {
  return { ...blockActions(parts), container: { type: 'view', view_id: view.id }, view: apiView(view) };
}

export type ViewState = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function viewSubmission(user: LabUser, triggerId: string, view: LabView, state: ViewState): Payload {
  return { type: 'view_submission', ...interaction(user, triggerId), view: apiView(view, state), response_urls: [] };
}

export function viewClosed(user: LabUser, view: LabView): Payload {
  const { trigger_id: _, ...rest } = interaction(user, '');
  return { type: 'view_closed', ...rest, view: apiView(view), is_cleared: false };
}

export function eventPayload(event: Payload): Payload {
  return {
    token: 'legacy-verification-token',
    team_id: TEAM_ID,
    api_app_id: APP_ID,
    event,
    type: 'event_callback',
    event_id: newId('Ev'),
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [{ enterprise_id: null, team_id: TEAM_ID, user_id: BOT_USER, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
  };
}

export function apiMessage(message: LabMessage): Payload {
  const { user, text, ts, threadTs, blocks, files, reactions, edits, replyCount, metadata } = message;
  return {
    type: 'message',
    user,
    text,
    ts,
    team: TEAM_ID,
    ...(user === BOT_USER ? { bot_id: BOT_ID, app_id: APP_ID } : {}),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(replyCount === 0 ? {} : { reply_count: replyCount }),
    blocks,
    ...(files.length === 0 ? {} : { files: files.map(({ content: _, ...file }) => file) }),
    ...(reactions.length === 0 ? {} : { reactions: reactions.map(({ name, users }) => ({ name, users, count: users.length })) }),
    ...(edits === 0 ? {} : { edited: { user, ts } }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

export function apiView(view: LabView, values: ViewState = {}): Payload {
  const { rootViewId, previousViewId, ...rest } = view;
  return {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    submit: null,
    close: null,
    ...rest,
    root_view_id: rootViewId,
    previous_view_id: previousViewId,
    state: { values },
    team_id: TEAM_ID,
    app_id: APP_ID,
    app_installed_team_id: TEAM_ID,
    bot_id: BOT_ID,
  };
}

/** The three characters that Slack escapes in what people type. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
