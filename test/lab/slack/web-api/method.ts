import { z } from 'zod';
import { jsonText } from '../json.ts';
import type { Lab } from '../operator.ts';
import type { LabChannel, LabMessage } from '../state.ts';
import type { Uploads } from '../uploads.ts';

export type Result = Readonly<Record<string, unknown>>;

/** An answer with `ok: false`. `code` is Slack's error word. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly details: Result;
  constructor(code: string, messages: readonly string[] = []) {
    super([code, ...messages].join(' '));
    this.code = code;
    this.details = messages.length === 0 ? {} : { errors: messages.map(withoutLevel), response_metadata: { messages } };
  }
}

function withoutLevel(message: string): string {
  return message.replace('[ERROR] ', '');
}

export interface ApiLab extends Lab {
  readonly uploads: Uploads;
  readonly usergroups: readonly { readonly id: string; readonly handle: string; readonly users: readonly string[] }[];
}

export type Method = (lab: ApiLab, args: Result) => Result;
export type Methods = Readonly<Record<string, Method>>;

/** A method whose arguments are checked; arguments it does not know are ignored, as Slack does. */
export function method<Args extends z.ZodRawShape>(
  shape: Args,
  handle: (lab: ApiLab, args: z.output<z.ZodObject<Args>>) => Result,
): Method {
  const schema = z.object(shape);
  return (lab, args) => {
    const parsed = schema.safeParse(args);
    if (!parsed.success) {
      throw new ApiError(
        'invalid_arguments',
        parsed.error.issues.map((issue) => `[ERROR] ${issue.path.join('.')}: ${issue.message}`),
      );
    }
    return handle(lab, parsed.data);
  };
}

/** An argument that is JSON: a string of it in a form, the value itself in a JSON body. */
export const json = z.union([jsonText, z.array(z.unknown()), z.record(z.string(), z.unknown())]);
export const flag = z.union([
  z.boolean(),
  z.enum(['true', '1']).transform(() => true),
  z.enum(['false', '0']).transform(() => false),
]);
export const count = z.coerce.number().int().min(1).max(1000);

export function channelFor(lab: ApiLab, id: string): LabChannel {
  const person = lab.workspace.user(id);
  const channel = person === undefined ? lab.workspace.channel(id) : lab.workspace.directChannel(person.id);
  if (channel === undefined) throw new ApiError('channel_not_found');
  return channel;
}

/** A message that everybody in the channel sees. */
export function messageFor(lab: ApiLab, channel: string, ts: string, missing = 'message_not_found'): LabMessage {
  const message = lab.workspace.find(channelFor(lab, channel).id, ts);
  if (message === undefined || message.visibleTo !== undefined) throw new ApiError(missing);
  return message;
}

/** The message at the top of the thread that this timestamp names. */
export function threadRoot(lab: ApiLab, channel: string, ts: string): string {
  const message = messageFor(lab, channel, ts, 'thread_not_found');
  return message.threadTs ?? message.ts;
}
