import { messageOf } from '../../core/errors.ts';
import type { Origin, Reporter } from '../../core/ports.ts';
import type { RunView } from '../../core/run.ts';
import { escaped, isSlackUser } from '../blocks.ts';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';
import type { Part } from '../message.ts';
import type { Approvers } from '../offer.ts';
import type { Place, SlackClient } from './client.ts';
import { refusalOf } from './client.ts';
import type { DeliveryContext, MessageStore } from './delivery.ts';
import { deliver, timestampOf } from './delivery.ts';
import type { Lane } from './lane.ts';
import { createChannelLanes } from './lane.ts';
import { partsOf } from './parts.ts';
import { createUpdateTurns } from './update-turns.ts';

export interface ReporterOptions {
  readonly client: SlackClient;
  readonly messages: MessageStore;
  readonly log: Log;
  /** Whom an offer calls; absent: it names the tier only. */
  readonly approvers?: Approvers;
  /** Least time between two updates of one message. Slack allows about 50 updates a minute. */
  readonly updateEveryMs?: number;
  /** Least time between posts in one channel, after a burst of three. */
  readonly postEveryMs?: number;
  /** Shared with whoever else posts in the same channels; absent: nobody does. */
  readonly lane?: (channel: string) => Lane;
}

/** Some part of a run is not in Slack. Calling the reporter again shows what is missing and nothing twice. */
export class NotShown extends Error {
  override readonly name = 'NotShown';
  readonly code = 'NOT_SHOWN';
}

type SlackOrigin = Extract<Origin, { kind: 'slack' }>;

interface Desk {
  readonly origin: SlackOrigin;
  latest: RunView;
  version: number;
  work?: Promise<void>;
}

/** Slack's words for "the bot cannot write there". */
const CANNOT_WRITE = ['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action'];

/**
 * Shows runs in Slack: one root message, everything else in its thread, each part posted once and then updated in place.
 * Resolves when Slack shows this state or a newer one; rejects with `NotShown` when it does not.
 */
export function createSlackReporter(options: ReporterOptions): Reporter {
  const desks = new Map<string, Desk>();
  const context: DeliveryContext = {
    client: options.client,
    messages: options.messages,
    lane: options.lane ?? createChannelLanes(options.postEveryMs),
    updateTurn: createUpdateTurns({ everyMs: options.updateEveryMs ?? 1_200 }, (run) => desks.get(run)?.version),
  };
  return async (view, origin) => {
    if (origin.kind !== 'slack') return;
    const desk = desks.get(view.id) ?? { origin, latest: view, version: 0 };
    desks.set(view.id, desk);
    desk.latest = view;
    desk.version += 1;
    desk.work ??= showLatest({ ...options, context }, desk, () => desks.delete(view.id));
    await desk.work;
  };
}

interface Shower extends ReporterOptions {
  readonly context: DeliveryContext;
}

async function showLatest(shower: Shower, desk: Desk, close: () => void): Promise<void> {
  try {
    for (let shown = 0; shown < desk.version; ) {
      const { version } = desk;
      const problems = await showParts(shower, desk);
      if (problems.length > 0 && desk.version === version) throw new NotShown(problems.join('; '));
      shown = version;
    }
  } finally {
    // In the same turn as the last look at the version: a state that comes now opens a desk of its own.
    close();
  }
}

/** Shows what can be shown and returns what could not. */
async function showParts(shower: Shower, { origin, latest: view }: Desk): Promise<readonly string[]> {
  const { context, messages } = shower;
  const problems: string[] = [];
  for (const part of partsOf(view, shower.approvers)) {
    const place = placeOf(messages, view, { origin, part });
    if (place === undefined) break;
    if (part.kind === 'message' && part.needs !== undefined && timestampOf(messages, view.id, part.needs) === undefined) continue;
    try {
      await deliver(context, place, { run: view.id, part });
    } catch (error) {
      problems.push(`${part.key}: ${await explain(shower, { view, origin, part, error })}`);
      if (refusalOf(error) === undefined) break;
    }
  }
  return problems;
}

/** The thread is the one that was asked in, else the one under the root message; undefined while there is none. */
function placeOf(
  messages: MessageStore,
  { id }: RunView,
  { origin, part }: { origin: SlackOrigin; part: Part },
): Place | undefined {
  const { channel, thread } = origin;
  if (thread !== undefined) return { channel, thread };
  if (part.key === 'root') return { channel };
  const root = timestampOf(messages, id, 'root');
  return root === undefined ? undefined : { channel, thread: root };
}

interface Trouble {
  readonly view: RunView;
  readonly origin: SlackOrigin;
  readonly part: Part;
  readonly error: unknown;
}

async function explain(shower: Shower, { view, origin, part, error }: Trouble): Promise<string> {
  const reason = safeMessage(messageOf(error));
  shower.log.warn({ run: view.id, part: part.key, reason }, 'Slack does not show a part of a run');
  const refusal = refusalOf(error);
  if (part.key === 'root' && refusal !== undefined && CANNOT_WRITE.includes(refusal)) await tellRequester(shower, view, origin);
  return reason;
}

/** The person who asked would else wait for an answer that cannot appear. */
async function tellRequester({ context, log, messages }: Shower, view: RunView, { channel }: SlackOrigin): Promise<void> {
  const { id } = view.requester;
  if (!isSlackUser(id) || messages.getMessages(view.id).has('notice')) return;
  const text = `I cannot write in <#${escaped(channel)}>, so you do not see run ${escaped(view.id)}. Invite me there (\`/invite\`), then I show it.`;
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text } }] as const;
  try {
    await deliver(
      context,
      { channel: id },
      { run: view.id, part: { kind: 'message', key: 'notice', message: { text, blocks } } },
    );
  } catch (error) {
    log.warn(
      { run: view.id, reason: safeMessage(messageOf(error)) },
      'the person who asked could not be told that Slack does not show the run',
    );
  }
}
