import { setTimeout } from 'node:timers/promises';
import type { Alert } from '../src/core/alert.ts';
import { Refusal } from '../src/core/errors.ts';
import type { ChannelWatch, Incidents } from '../src/core/incident-ports.ts';
import type { Announcing } from '../src/core/maintenance.ts';
import type { Engine, RunRequest } from '../src/core/ports.ts';
import type { Runbook } from '../src/core/runbook.ts';
import { escaped } from '../src/slack/blocks.ts';
import { ALL_OF_IT, silencesFor, silenceWords } from '../src/slack/incident-silence.ts';
import type { Log } from '../src/slack/log.ts';
import type { ParsedRequest } from './parse.ts';
import { parseRequest } from './parse.ts';
import { WRONG_CHANNEL } from './words.ts';

export interface Channels {
  /** Ids of the channels in which people may ask and decide; absent: all. */
  readonly allowedChannels?: readonly string[];
}

export interface HandlerContext extends Channels {
  readonly engine: Engine;
  /** Absent where no alerts are taken in. */
  readonly maintenance?: Announcing;
  readonly runbooks: readonly Runbook[];
  readonly log: Log;
  /** Takes secrets out of what people type, before it is echoed; the engine does the same before it keeps anything. */
  readonly clean: (text: string) => string;
  /** Absent where no alerts are configured. */
  readonly incidents?: Incidents;
  /** What fires now, as Alertmanager says it; rejects where it does not say. Absent where it cannot be asked. */
  readonly firing?: () => Promise<readonly Alert[]>;
  /** Hears of alerts that somebody else told in a channel; absent where none is watched. */
  readonly watch?: ChannelWatch;
}

export function isAllowed({ allowedChannels }: Channels, channel: string | undefined): boolean {
  return allowedChannels === undefined || (channel !== undefined && allowedChannels.includes(channel));
}

/** What was asked, or in words why it is not done. */
export function readRequest(context: HandlerContext, { text, channel }: { text: string; channel: string }): ParsedRequest {
  return isAllowed(context, channel)
    ? parseRequest(text, context.runbooks, context.clean)
    : { kind: 'refused', says: WRONG_CHANNEL };
}

/** The first answer to a request that runs. */
export function lookingWords({ runbook, arguments: words }: Extract<ParsedRequest, { kind: 'run' }>): string {
  return `Looking: \`${escaped([...runbook.words, ...words].join(' '))}\` …`;
}

/** Writing a run down waits for the disk, and acknowledgements must not wait for that. */
const AFTER_THE_BURST_MS = 20;
const SILENCE = 'silence';

/** Starts the run. Resolves to what the person must be told: nothing, or why the request is refused. */
export async function startRun(context: HandlerContext, request: RunRequest): Promise<string | undefined> {
  const { engine, log } = context;
  try {
    await setTimeout(AFTER_THE_BURST_MS);
    const run = await engine.start({ ...request, arguments: withIncident(context, request) });
    log.info({ run, runbook: request.runbook, requester: request.requester.id }, 'a run was asked for');
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return escaped(error.message);
    throw error;
  }
}

/** `silence <incident> for 4h` is for the alerts of that incident that fire now. */
function withIncident({ incidents }: HandlerContext, { runbook, arguments: words }: RunRequest): readonly string[] {
  const [id = '', ...how] = words;
  const view = runbook === SILENCE ? incidents?.view(id) : undefined;
  if (view === undefined) return words;
  const silences = silencesFor(view, ALL_OF_IT);
  if (silences.length === 0) throw new Refusal('bad-request', `Incident ${id} has nothing that can be silenced at once.`);
  return [...silenceWords(silences), ...how];
}
