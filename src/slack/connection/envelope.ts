import { z } from 'zod';

/** One message of Slack over a socket. */
export interface Envelope {
  readonly id: string;
  readonly body: Record<string, unknown>;
  readonly retryNum?: number;
  readonly retryReason?: string;
  readonly ack: (response?: unknown) => Promise<void>;
}

type Ack = Envelope['ack'];

const Raw = z.object({
  envelope_id: z.string(),
  body: z.record(z.string(), z.unknown()),
  ack: z.custom<Ack>((value) => typeof value === 'function'),
  retry_num: z.number().optional(),
  retry_reason: z.string().optional(),
});

/** Undefined when this is not an envelope. */
export function envelopeOf(raw: unknown): Envelope | undefined {
  const parsed = Raw.safeParse(raw);
  if (!parsed.success) return undefined;
  const { envelope_id: id, body, ack, retry_num: retryNum, retry_reason: retryReason } = parsed.data;
  return {
    id,
    body,
    ack,
    ...(retryNum === undefined ? {} : { retryNum }),
    ...(retryReason === undefined ? {} : { retryReason }),
  };
}

const Event = z.object({ type: z.literal('event_callback'), event_id: z.string() });
const Press = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string() }),
  container: z.object({ message_ts: z.string().optional() }).optional(),
  actions: z.tuple([z.object({ action_id: z.string(), action_ts: z.string() })], z.unknown()),
});

const Submission = z.object({ trigger_id: z.string() });

export type EnvelopeKind = 'command' | 'action' | 'submission' | 'event' | 'other';

export function kindOf(body: Record<string, unknown>): EnvelopeKind {
  if (typeof body['command'] === 'string') return 'command';
  switch (body['type']) {
    case 'event_callback':
      return 'event';
    case 'block_actions':
      return 'action';
    case 'view_submission':
      return 'submission';
    default:
      return 'other';
  }
}

/** By what a repeated delivery is known: its envelope, or what it is about where Slack makes a new envelope for it. */
export function identitiesOf({ id, body }: Envelope): readonly string[] {
  return [`envelope ${id}`, ...aboutOf(body)];
}

function aboutOf(body: Record<string, unknown>): string[] {
  switch (kindOf(body)) {
    case 'command':
      return typeof body['trigger_id'] === 'string' ? [`command ${body['trigger_id']}`] : [];
    case 'event': {
      const event = Event.safeParse(body);
      return event.success ? [`event ${event.data.event_id}`] : [];
    }
    case 'action':
      return aboutPress(body);
    case 'submission': {
      const submission = Submission.safeParse(body);
      return submission.success ? [`submission ${submission.data.trigger_id}`] : [];
    }
    case 'other':
      return [];
  }
}

function aboutPress(body: Record<string, unknown>): string[] {
  const press = Press.safeParse(body);
  if (!press.success) return [];
  const { user, container, actions } = press.data;
  return [['press', user.id, container?.message_ts, actions[0].action_id, actions[0].action_ts].join(' ')];
}
