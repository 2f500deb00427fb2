import { z } from 'zod';
import type { Block } from '../blocks.ts';
import { validateMessage, validateView } from '../blocks.ts';
import { BOT_USER } from '../ids.ts';
import { apiMessage } from '../payloads.ts';
import type { LabMessage } from '../state.ts';
import type { Methods } from './method.ts';
import { ApiError, channelFor, json, messageFor, method, threadRoot } from './method.ts';

const POSTED_TEXT_CHARACTERS = 40_000;
/** Far less than for a new message. */
const UPDATED_TEXT_CHARACTERS = 4_000;

const content = { text: z.string().default(''), blocks: json.optional(), metadata: json.optional() };
const place = { channel: z.string(), thread_ts: z.string().optional() };

export const chatMethods: Methods = {
  'chat.postMessage': method({ ...place, ...content }, (lab, args) => {
    const channel = channelFor(lab, args.channel).id;
    const { thread_ts: threadTs, metadata } = args;
    const message = lab.workspace.post({
      channel,
      user: BOT_USER,
      ...checkedContent(args, POSTED_TEXT_CHARACTERS),
      ...(threadTs === undefined ? {} : { threadTs: threadRoot(lab, channel, threadTs) }),
      ...(metadata === undefined ? {} : { metadata }),
    });
    return { channel, ts: message.ts, message: apiMessage(message) };
  }),

  'chat.postEphemeral': method({ ...place, ...content, user: z.string() }, (lab, args) => {
    const channel = channelFor(lab, args.channel).id;
    if (lab.workspace.user(args.user) === undefined) throw new ApiError('user_not_in_channel');
    const { thread_ts: threadTs } = args;
    const message = lab.workspace.post({
      channel,
      user: BOT_USER,
      visibleTo: args.user,
      ...checkedContent(args, POSTED_TEXT_CHARACTERS),
      ...(threadTs === undefined ? {} : { threadTs: threadRoot(lab, channel, threadTs) }),
    });
    return { message_ts: message.ts };
  }),

  'chat.update': method({ channel: z.string(), ts: z.string(), ...content }, (lab, args) => {
    const message = ownMessage(messageFor(lab, args.channel, args.ts), 'cant_update_message');
    const kept = args.blocks === undefined && message.blocks.length > 0;
    const next = kept ? { text: args.text, blocks: message.blocks } : checkedContent(args, UPDATED_TEXT_CHARACTERS);
    const { metadata = message.metadata } = args;
    const updated = lab.workspace.change(message, { ...next, metadata, edits: message.edits + 1 });
    return { channel: updated.channel, ts: updated.ts, text: updated.text, message: apiMessage(updated) };
  }),

  'chat.delete': method({ channel: z.string(), ts: z.string() }, (lab, args) => {
    const message = ownMessage(messageFor(lab, args.channel, args.ts), 'cant_delete_message');
    lab.workspace.delete(message);
    return { channel: message.channel, ts: message.ts };
  }),

  'chat.getPermalink': method({ channel: z.string(), message_ts: z.string() }, (lab, args) => {
    const { channel, ts, threadTs } = messageFor(lab, args.channel, args.message_ts);
    const inThread = threadTs === undefined ? '' : `?thread_ts=${threadTs}&cid=${channel}`;
    return { channel, permalink: `${lab.baseUrl}/archives/${channel}/p${ts.replace('.', '')}${inThread}` };
  }),

  'blocks.validate': method({ blocks: json.optional(), view: json.optional() }, (_lab, args) => {
    const checked = args.view === undefined ? validateMessage(args.blocks ?? []) : validateView(args.view);
    if (!checked.ok) throw new ApiError('invalid_blocks', checked.messages);
    return {};
  }),
};

function ownMessage(message: LabMessage, refusal: string): LabMessage {
  if (message.user !== BOT_USER) throw new ApiError(refusal);
  return message;
}

function checkedContent(args: { text: string; blocks?: unknown }, maxText: number): { text: string; blocks: readonly Block[] } {
  const { text, blocks = [] } = args;
  const checked = validateMessage(blocks);
  if (!checked.ok) throw new ApiError(checked.error, checked.messages);
  if (text === '' && checked.blocks.length === 0) throw new ApiError('no_text');
  if (text.length > maxText) throw new ApiError('msg_too_long');
  return { text, blocks: checked.blocks };
}
