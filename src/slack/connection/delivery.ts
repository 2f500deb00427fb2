import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Message, Part } from '../message.ts';
import type { Place, Posted, SlackClient, Tag } from './client.ts';
import { refusalOf } from './client.ts';
import type { Lane } from './lane.ts';

/** Where the reporter remembers which message shows which part of a run. */
export interface MessageStore {
  readonly putMessage: (run: string, part: string, value: unknown) => void;
  readonly getMessages: (run: string) => ReadonlyMap<string, unknown>;
}

/** `sending`: a post was begun and nothing is known of its end, so Slack is asked before it is sent again. */
const Memory = z.discriminatedUnion('state', [
  z.object({ state: z.literal('refused') }),
  z.object({ state: z.literal('sending'), since: z.number() }),
  z.object({ state: z.literal('shown'), channel: z.string(), ts: z.string(), hash: z.string() }),
]);
type Memory = z.output<typeof Memory>;
type Shown = Extract<Memory, { state: 'shown' }>;

export interface DeliveryContext {
  readonly client: SlackClient;
  readonly messages: MessageStore;
  readonly lane: (channel: string) => Lane;
  /** Waits until this message may be updated. False when a newer state came meanwhile, so that this one is not worth sending. */
  readonly updateTurn: (at: Shown, run: string) => Promise<boolean>;
}

/** Clocks of this machine and of Slack may differ by this much. */
const CLOCK_SKEW_MS = 120_000;

/** Shows one part: posts it once, and afterwards updates it when it reads differently. False when a newer state is to come instead. */
export async function deliver(
  context: DeliveryContext,
  place: Place,
  sent: { readonly run: string; readonly part: Part },
): Promise<boolean> {
  const { run, part } = sent;
  const hash = hashOf(part);
  const known = memoryOf(context.messages, run, part.key);
  const shown = known?.state === 'sending' ? await findOrphan(context, place, { ...sent, since: known.since }) : known;
  if (shown?.state !== 'shown') return post(context, place, { ...sent, hash });
  if (shown.hash === hash || part.kind === 'file') return true;
  if (!(await context.updateTurn(shown, run))) return false;
  try {
    await context.lane(shown.channel).run('other', () => context.client.update(shown, part.message, { run, part: part.key }));
  } catch (error) {
    if (refusalOf(error) !== 'message_not_found') throw error;
    return post(context, place, { ...sent, hash });
  }
  remember(context, { ...sent, shown: { ...shown, hash } });
  return true;
}

/** The timestamp of a part that was shown already. */
export function timestampOf(messages: MessageStore, run: string, key: string): string | undefined {
  const known = memoryOf(messages, run, key);
  return known?.state === 'shown' ? known.ts : undefined;
}

interface Sent {
  readonly run: string;
  readonly part: Part;
}

async function post(context: DeliveryContext, place: Place, { run, part, hash }: Sent & { hash: string }): Promise<true> {
  if (part.kind === 'message' && part.onlyUpdate === true) return true;
  context.messages.putMessage(run, part.key, { state: 'sending', since: Date.now() } satisfies Memory);
  const ts = await context.lane(place.channel).run('post', () => send(context, place, { run, part }));
  remember(context, { run, part, shown: { state: 'shown', channel: place.channel, ts, hash } });
  return true;
}

function remember({ messages }: DeliveryContext, { run, part, shown }: Sent & { shown: Shown }): void {
  messages.putMessage(run, part.key, shown);
}

async function send({ client, messages }: DeliveryContext, place: Place, { run, part }: Sent): Promise<string> {
  try {
    if (part.kind === 'message') return await client.post(place, part.message, { run, part: part.key });
    await client.upload(place, part.file);
    return part.file.name;
  } catch (error) {
    if (refusalOf(error) !== undefined) messages.putMessage(run, part.key, { state: 'refused' } satisfies Memory);
    throw error;
  }
}

async function findOrphan(
  context: DeliveryContext,
  place: Place,
  { run, part, since }: Sent & { since: number },
): Promise<Shown | undefined> {
  const posted = await postedSince(context, place, since - CLOCK_SKEW_MS);
  const orphan = posted.find((candidate) => shows(candidate, { run, part }));
  if (orphan === undefined) return undefined;
  const shown: Shown = { state: 'shown', channel: place.channel, ts: orphan.ts, hash: '' };
  context.messages.putMessage(run, part.key, shown);
  return shown;
}

/** Where Slack does not let us look, nothing is found: a message shown twice does less harm than one that never appears. */
async function postedSince({ client, lane }: DeliveryContext, place: Place, sinceMs: number): Promise<readonly Posted[]> {
  try {
    return await lane(place.channel).run('other', () => client.posted(place, sinceMs));
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return [];
  }
}

function shows({ tag, fileNames }: Posted, { run, part }: Sent): boolean {
  return part.kind === 'file' ? fileNames.includes(part.file.name) : isTag(tag, { run, part: part.key });
}

function isTag(tag: Tag | undefined, { run, part }: Tag): boolean {
  return tag?.run === run && tag.part === part;
}

function memoryOf(messages: MessageStore, run: string, key: string): Memory | undefined {
  const known = messages.getMessages(run).get(key);
  return known === undefined ? undefined : Memory.parse(known);
}

function hashOf(part: Part): string {
  const content: Message | string = part.kind === 'message' ? part.message : part.file.name;
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
