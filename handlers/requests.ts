import { setTimeout } from 'node:timers/promises';
import { Refusal } from '../src/core/errors.ts';
import type { Engine, RunRequest } from '../src/core/ports.ts';
import type { Runbook } from '../src/core/runbook.ts';
import { escaped } from '../src/slack/blocks.ts';
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
  readonly runbooks: readonly Runbook[];
  readonly log: Log;
  /** Takes secrets out of what people type, before it is echoed; the engine does the same before it keeps anything. */
  readonly clean: (text: string) => string;
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

/** Starts the run. Resolves to what the person must be told: nothing, or why the request is refused. */
export async function startRun({ engine, log }: HandlerContext, request: RunRequest): Promise<string | undefined> {
  try {
    await setTimeout(AFTER_THE_BURST_MS);
    const run = await engine.start(request);
    log.info({ run, runbook: request.runbook, requester: request.requester.id }, 'a run was asked for');
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return escaped(error.message);
    throw error;
  }
}
