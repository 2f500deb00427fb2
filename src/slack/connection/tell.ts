import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { decodePlace } from './decode-target.ts';

const WithResponseUrl = z.object({ response_url: z.url() });
const Mention = z.object({ event: z.object({ channel: z.string(), user: z.string(), thread_ts: z.string().optional() }) });

const Submission = z.object({ user: z.object({ id: z.string() }), view: z.object({ private_metadata: z.string() }) });

const TIMEOUT_MS = 5_000;

export class NotTold extends Error {
  override readonly name = 'NotTold';
  readonly code = 'NOT_TOLD';
}

/** Says something to the one person whose request this body is. Rejects with `NotTold` or a Web API error. */
export async function tell(client: WebClient, body: unknown, text: string): Promise<void> {
  const answerable = WithResponseUrl.safeParse(body);
  if (answerable.success) return answer(answerable.data.response_url, text);
  const place = placeOf(body);
  if (place === undefined) throw new NotTold('Nobody can be told: the request names neither an address nor a person.');
  const { channel, user, thread } = place;
  await client.chat.postEphemeral({ channel, user, text, ...(thread === undefined ? {} : { thread_ts: thread }) });
}

function placeOf(body: unknown) {
  const mention = Mention.safeParse(body);
  if (mention.success) {
    const { channel, user, thread_ts: thread } = mention.data.event;
    return { channel, user, thread };
  }
  const submission = Submission.safeParse(body);
  const place = submission.success ? decodePlace(submission.data.view.private_metadata) : undefined;
  return submission.success && place !== undefined ? { ...place, user: submission.data.user.id } : undefined;
}

async function answer(url: string, text: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new NotTold(`Slack answered ${response.status} to an answer.`);
}
