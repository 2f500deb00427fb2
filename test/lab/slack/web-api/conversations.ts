import { z } from 'zod';
import { BOT_USER } from '../ids.ts';
import { apiMessage } from '../payloads.ts';
import type { LabChannel, LabMessage } from '../state.ts';
import type { ApiLab, Methods, Result } from './method.ts';
import { ApiError, channelFor, count, flag, messageFor, method } from './method.ts';

const page = { limit: count.default(100), cursor: z.string().optional() };
const span = { oldest: z.string().optional(), latest: z.string().optional(), inclusive: flag.default(false) };

export const conversationMethods: Methods = {
  'conversations.history': method({ channel: z.string(), ...span, ...page }, (lab, args) => {
    const roots = seenByAll(lab, args.channel).filter(({ ts, threadTs }) => threadTs === undefined || threadTs === ts);
    return messagePage(roots.filter((message) => within(message, args)).reverse(), args);
  }),

  'conversations.replies': method({ channel: z.string(), ts: z.string(), ...span, ...page }, (lab, args) => {
    const root = messageFor(lab, args.channel, args.ts, 'thread_not_found');
    const thread = seenByAll(lab, args.channel).filter(({ ts, threadTs }) => ts === root.ts || threadTs === root.ts);
    return messagePage(
      thread.filter((message) => message === root || within(message, args)),
      args,
    );
  }),

  'conversations.info': method({ channel: z.string() }, (lab, args) => ({ channel: apiChannel(channelFor(lab, args.channel)) })),

  'conversations.list': method({}, (lab) => ({
    channels: lab.workspace.channels.map(apiChannel),
    response_metadata: { next_cursor: '' },
  })),

  'conversations.open': method({ users: z.string().optional(), channel: z.string().optional() }, (lab, args) => {
    if (args.channel !== undefined) return { channel: apiChannel(channelFor(lab, args.channel)) };
    const user = lab.workspace.user(args.users ?? '');
    if (user === undefined) throw new ApiError('user_not_found');
    return { channel: apiChannel(lab.workspace.directChannel(user.id)) };
  }),

  'conversations.members': method({ channel: z.string() }, (lab, args) => {
    const channel = channelFor(lab, args.channel);
    const people = channel.with === undefined ? lab.workspace.users.map(({ id }) => id) : [channel.with];
    return { members: [...people, BOT_USER], response_metadata: { next_cursor: '' } };
  }),

  'reactions.add': method({ channel: z.string(), timestamp: z.string(), name: z.string() }, (lab, args) => {
    const message = messageFor(lab, args.channel, args.timestamp);
    const others = message.reactions.filter(({ name }) => name !== args.name);
    const users = message.reactions.find(({ name }) => name === args.name)?.users ?? [];
    if (users.includes(BOT_USER)) throw new ApiError('already_reacted');
    lab.workspace.change(message, { reactions: [...others, { name: args.name, users: [...users, BOT_USER] }] });
    return {};
  }),
};

function seenByAll(lab: ApiLab, channel: string): LabMessage[] {
  const { id } = channelFor(lab, channel);
  return lab.workspace.messages.filter((message) => message.channel === id && message.visibleTo === undefined);
}

function within(
  { ts }: LabMessage,
  {
    oldest = '0',
    latest = '9'.repeat(12),
    inclusive,
  }: { oldest?: string | undefined; latest?: string | undefined; inclusive: boolean },
): boolean {
  const at = Number(ts);
  if (inclusive) return at >= Number(oldest) && at <= Number(latest);
  return at > Number(oldest) && at < Number(latest);
}

/** The cursor is the index of the first message of the next page. */
function messagePage(
  messages: readonly LabMessage[],
  { limit, cursor = '0' }: { limit: number; cursor?: string | undefined },
): Result {
  const start = Number(cursor);
  if (!Number.isInteger(start)) throw new ApiError('invalid_cursor');
  const next = start + limit;
  const more = next < messages.length;
  return {
    messages: messages.slice(start, next).map(apiMessage),
    has_more: more,
    response_metadata: { next_cursor: more ? String(next) : '' },
  };
}

function apiChannel({ id, name, with: user }: LabChannel): Result {
  const direct = user !== undefined;
  return {
    id,
    name,
    is_channel: !direct,
    is_im: direct,
    is_private: direct,
    is_archived: false,
    is_member: true,
    ...(direct ? { user } : {}),
  };
}
