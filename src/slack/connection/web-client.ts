import type { WebClientOptions } from '@slack/web-api';
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { safeMessage } from '../log.ts';
import type { Message } from '../message.ts';
import type { CallFailure, Place, Posted, SlackClient, Tag } from './client.ts';
import { SlackCallFailed } from './client.ts';

const EVENT_TYPE = 'storagebot_part';
const PAGES = 10;
const PAGE_SIZE = 200;

const History = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z.object({ event_type: z.string(), event_payload: z.unknown() }).optional(),
        files: z.array(z.object({ name: z.string().nullish() })).default([]),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

const TagPayload = z.object({ run: z.string(), part: z.string() });

/** The reporter's Slack over the Web API. `options` must not retry: only the reporter knows what may be sent twice. */
export function createWebSlackClient(token: string, options: WebClientOptions): SlackClient {
  const web = new WebClient(token, { ...options, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });
  return {
    async post(place, message, tag) {
      const posted = await attempt('chat.postMessage', () =>
        web.chat.postMessage({ ...placed(place), ...content(message, tag) }),
      );
      if (posted.ts === undefined)
        throw new SlackCallFailed('chat.postMessage', { kind: 'lost', reason: 'the answer names no message' });
      return posted.ts;
    },
    async update({ channel, ts }, message, tag) {
      await attempt('chat.update', () => web.chat.update({ channel, ts, ...content(message, tag) }));
    },
    async upload({ channel, thread }, { name, title, content: text }) {
      const file = { filename: name, title, content: text, snippet_type: 'text' };
      const target = thread === undefined ? { channel_id: channel } : { channel_id: channel, thread_ts: thread };
      await attempt('files.uploadV2', () => web.files.uploadV2({ ...file, ...target }));
    },
    posted: (place, sinceMs) => everythingPosted(web, place, sinceMs),
  };
}

function placed({ channel, thread }: Place) {
  return thread === undefined ? { channel } : { channel, thread_ts: thread };
}

function content({ text, blocks }: Message, { run, part }: Tag) {
  const metadata = { event_type: EVENT_TYPE, event_payload: { run, part } };
  return { text, blocks: [...blocks], metadata, unfurl_links: false, unfurl_media: false };
}

async function everythingPosted(web: WebClient, { channel, thread }: Place, sinceMs: number): Promise<readonly Posted[]> {
  const found: Posted[] = [];
  const range = { channel, oldest: String(sinceMs / 1000), limit: PAGE_SIZE, include_all_metadata: true };
  let cursor = '';
  for (let page = 0; page < PAGES; page += 1) {
    const from = cursor === '' ? range : { ...range, cursor };
    const answer = await (thread === undefined
      ? attempt('conversations.history', () => web.conversations.history(from))
      : attempt('conversations.replies', () => web.conversations.replies({ ...from, ts: thread })));
    const { messages, response_metadata: more } = History.parse(answer);
    found.push(...messages.map(postedOf));
    cursor = more?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return found;
}

function postedOf({ ts, metadata, files }: z.output<typeof History>['messages'][number]): Posted {
  const tag = metadata?.event_type === EVENT_TYPE ? TagPayload.safeParse(metadata.event_payload).data : undefined;
  return { ts, fileNames: files.flatMap(({ name }) => name ?? []), ...(tag === undefined ? {} : { tag }) };
}

async function attempt<T>(method: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new SlackCallFailed(method, failureOf(error));
  }
}

function failureOf(error: unknown): CallFailure {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'limited', retryAfterMs: error.retryAfter * 1000 };
  if (error instanceof WebAPIPlatformError) return { kind: 'refused', error: error.data.error };
  if (error instanceof WebAPIHTTPError) return { kind: 'lost', reason: `HTTP status ${error.statusCode}` };
  return { kind: 'lost', reason: safeMessage(messageOf(error)) };
}
